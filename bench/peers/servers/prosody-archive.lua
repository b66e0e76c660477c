	default_archive_policy = true
	archive_expires_after = "never"
	storage = { archive = "sql" }
	sql = {
		driver = "PostgreSQL", host = "@DATABASE_HOST@", port = @DATABASE_PORT@, database = "@DATABASE_NAME@",
		username = "@DATABASE_USER@", password = "@DATABASE_PASSWORD@"
	}
