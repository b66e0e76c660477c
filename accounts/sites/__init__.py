"""Sites: places within a domain, with settings that users take over who are overwritten with them."""
