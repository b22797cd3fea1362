//! The server's database: its rules, and what is kept by them in SQLite or PostgreSQL.
