-- Who may come in, and the sessions that they have open.

create table accounts (
    id            text primary key check (id ~ '^[0-9a-f]{16}$'),
    email         text not null check (email <> '' and octet_length(email) <= 254),
    name          text not null check (name <> '' and octet_length(name) <= 400),
    role          text not null default 'viewer' check (role in ('viewer', 'administrator')),
    -- Argon2id with its parameters and salt, as libsodium writes it.
    password_hash text not null check (password_hash like '$argon2id$%'),
    disabled      boolean not null default false,
    created_at    timestamptz not null default now(),
    changed_at    timestamptz not null default now()
);
-- Nobody has two accounts because of a capital letter.
create unique index accounts_by_email on accounts (lower(email collate "und-x-icu"));
-- Pages of their list go along this one.
create index accounts_by_folded_email on accounts (fold(email), id);

create table sessions (
    id         text primary key check (id ~ '^[0-9a-f]{16}$'),
    -- SHA-256 of the token, which only its holder knows.
    token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    account_id text not null references accounts on delete cascade,
    -- What the client calls itself, for people who look at the list of their sessions.
    device     text not null default '' check (octet_length(device) <= 400),
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null
);
create index sessions_by_account on sessions (account_id, seen_at);
create index sessions_by_expiry on sessions (expires_at);

-- Tokens that set a new password, handed out by an administrator or by mail.
create table password_resets (
    token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
    account_id text not null references accounts on delete cascade,
    expires_at timestamptz not null
);
create index password_resets_by_account on password_resets (account_id);
create index password_resets_by_expiry on password_resets (expires_at);
