"""A storage that speaks as much of S3 as ours asks for, on loopback."""

import re
from itertools import count

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_KEY = re.compile("<Key>([^<]*)</Key>")


class FakeS3:
    """`objects` by their path, `parts` by the uploads that are under way. `fails`: answers 503 to everything."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.fails = False
        self._ids = count(1)
        methods = ["GET", "PUT", "POST", "DELETE"]
        self.application = Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])

    async def _answer(self, request: Request) -> Response:
        if self.fails:
            return Response(status_code=503)
        path, query, body = request.path_params["path"], request.query_params, await request.body()
        match request.method:
            case "GET":
                return self._get(path)
            case "PUT" if "partNumber" in query:
                self.parts[query["uploadId"]][int(query["partNumber"])] = body
                return Response(headers={"ETag": f'"{query["partNumber"]}"'})
            case "PUT":
                self.objects[path] = body
                return Response(headers={"ETag": '"whole"'})
            case "POST" if "uploads" in query:
                return self._begin(path)
            case "POST" if "delete" in query:
                keys = _KEY.findall(body.decode())
                for key in keys:
                    self.objects.pop(f"{path.rstrip('/')}/{key}", None)
                deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                return _xml(f"<DeleteResult>{deleted}</DeleteResult>")
            case "POST":
                parts = self.parts.pop(query["uploadId"])
                self.objects[path] = b"".join(parts[number] for number in sorted(parts))
                return _xml(f"<CompleteMultipartUploadResult>{_named(path)}</CompleteMultipartUploadResult>")
            case _:
                self.parts.pop(query.get("uploadId", ""), None)
                if "uploadId" not in query:
                    self.objects.pop(path, None)
                return Response(status_code=204)

    def _get(self, path: str) -> Response:
        if path not in self.objects:
            return _xml("<Error><Code>NoSuchKey</Code></Error>", 404)
        headers = {"ETag": '"x"', "Last-Modified": "Wed, 25 Nov 2026 10:00:00 GMT"}
        return Response(self.objects[path], headers=headers)

    def _begin(self, path: str) -> Response:
        upload = str(next(self._ids))
        self.parts[upload] = {}
        return _xml(
            f"<InitiateMultipartUploadResult>{_named(path)}<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
        )


def _named(path: str) -> str:
    bucket, _, key = path.partition("/")
    return f"<Bucket>{bucket}</Bucket><Key>{key}</Key><ETag>x</ETag>"


def _xml(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="application/xml")
