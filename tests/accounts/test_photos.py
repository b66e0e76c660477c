"""Photos: made anew, seen by whoever sees the user, under an address that changes with them."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from redis.asyncio import Redis

from accounts.photos.errors import NotAPhoto, PhotoNotFound, PhotoNotYours
from accounts.photos.service import SIDE, PhotoService
from chat.files.pictures import square_of
from storage.postgres.photos import PostgresPhotoStore
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from tests.support.accounts import TurnableClock, make_profile_service
from tests.support.company import Company, Listener
from tests.support.contacts import people_lists
from tests.support.pictures import photograph, pixel_bomb
from wire.events import DirectoryChanged
from wire.http import PageQuery
from wire.identity import Scope, UserId


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North"])


@pytest.fixture
async def anna(company: Company) -> UserId:
    return await company.add("1001", site="North")


@pytest.fixture
def photos(pool: Pool, redis: Redis, bus: RedisBus) -> PhotoService:
    changed = make_profile_service(pool, redis, bus).photo_changed
    return PhotoService(PostgresPhotoStore(pool), square_of, changed, TurnableClock())


async def sent(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1_000):
        yield content[start : start + 1_000]


async def test_a_photo_is_made_anew_upright_and_square(photos: PhotoService, company: Company, anna: UserId) -> None:
    profile = await photos.set(company.caller(anna), sent(photograph((400, 300))))
    picture = await photos.picture(company.caller(anna), anna, profile.photo)
    assert b"Secret" not in picture
    with Image.open(BytesIO(picture)) as image:
        assert (image.format, image.size) == ("WEBP", (SIDE, SIDE))
        assert not image.getexif()
        top, bottom = (image.convert("RGB").getpixel((SIDE // 2, y)) for y in (10, SIDE - 10))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0], "turned as the telephone was held"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"x" * 5_000, pixel_bomb()])
async def test_what_is_no_picture_changes_nothing(
    photos: PhotoService, company: Company, anna: UserId, content: bytes
) -> None:
    before = (await photos.set(company.caller(anna), sent(photograph()))).photo
    with pytest.raises(NotAPhoto):
        await photos.set(company.caller(anna), sent(content))
    assert await photos.picture(company.caller(anna), anna, before)


async def test_another_photo_has_another_address_and_everybody_hears_it(
    photos: PhotoService, company: Company, anna: UserId, bus: RedisBus, pool: Pool
) -> None:
    viewer = company.caller(await company.add("1002"))
    since = await people_lists(pool).directory_rev(company.domain)
    listener = await Listener.on(bus, company.domain)
    first = await photos.set(company.caller(anna), sent(photograph()))
    second = await photos.set(company.caller(anna), sent(photograph((50, 50))))
    assert 0 < first.photo < second.photo
    with pytest.raises(PhotoNotFound):
        await photos.picture(viewer, anna, first.photo)
    assert await photos.picture(viewer, anna, second.photo)
    assert (await photos.remove(company.caller(anna))).photo == 0
    assert (await photos.remove(company.caller(anna))).photo == 0, "once more is fine"
    with pytest.raises(PhotoNotFound):
        await photos.picture(viewer, anna, second.photo)
    heard: list[Any] = [each.event for each in await listener.everything(bus, company.domain)]
    told = [each for each in heard if isinstance(each, DirectoryChanged)]
    assert [(each.since, each.rev) for each in told] == [(since + n, since + n + 1) for n in range(3)]
    assert [each.coworkers[0].photo for each in told] == [first.photo, second.photo, 0]
    fresh = (await people_lists(pool).directory_page(viewer, PageQuery())).items
    assert fresh[0] == told[-1].coworkers[0]


async def test_who_may_change_it_and_who_sees_it(
    photos: PhotoService, company: Company, anna: UserId, pool: Pool
) -> None:
    near = company.caller(await company.add("1950", scope=Scope.SITE_MANAGER, site="North"))
    coworker = company.caller(await company.add("1002"))
    elsewhere = company.caller(await company.add("1951", scope=Scope.SITE_MANAGER))
    for caller in (coworker, elsewhere):
        with pytest.raises(PhotoNotYours):
            await photos.set(caller, sent(photograph()), anna)
        with pytest.raises(PhotoNotYours):
            await photos.remove(caller, anna)
    rev = (await photos.set(near, sent(photograph()), anna)).photo
    rivals = await Company.make(pool)
    stranger = rivals.caller(await rivals.add("1", scope=Scope.SUPER_USER))
    with pytest.raises(PhotoNotFound):
        await photos.picture(stranger, anna, rev)
    async with connection(pool) as conn:
        await conn.execute(
            "UPDATE users SET list_in_directory = false WHERE domain_id = $1 AND user_id = $2", company.domain, anna
        )
    for caller in (near, company.caller(anna)):
        assert await photos.picture(caller, anna, rev)
    for caller in (coworker, elsewhere):
        with pytest.raises(PhotoNotFound):
            await photos.picture(caller, anna, rev)
