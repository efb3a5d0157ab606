-- The catalogue: what VS and AS offer, and what we say about it.

-- A text as people search and sort it: small letters without accents.
create function fold(value text) returns text
    language sql immutable strict parallel safe
    return regexp_replace(normalize(lower(value collate "und-x-icu"), NFKD), U&'[\0300-\036F]', '', 'g');

create table items (
    -- The first 16 hex digits of the digest: short enough for people, the same on every machine and day.
    id           text primary key check (id ~ '^[0-9a-f]{16}$'),
    digest       text not null unique check (digest ~ '^[0-9a-f]{64}$'),
    kind         text not null check (kind in ('video', 'audio')),
    slug         text not null unique check (slug <> ''),

    -- For people.
    title        text not null,
    artist       text not null default '',
    album        text not null default '',
    year         integer not null default 0 check (year >= 0),
    duration_ms  bigint not null default 0 check (duration_ms >= 0),

    -- For sale. Minor units (cents) of an ISO 4217 currency.
    price_minor  bigint not null default 0 check (price_minor >= 0),
    currency     text not null default 'EUR' check (currency ~ '^[A-Z]{3}$'),
    available    boolean not null default true,

    -- For playback. An item whose file is gone stays, for people may own it.
    present      boolean not null default true,
    origin       text not null,
    facts        jsonb not null,

    created_at   timestamptz not null default now(),
    changed_at   timestamptz not null default now(),

    sort_title   text collate "C" not null generated always as (fold(title)) stored,
    search       text not null generated always as (fold(title || ' ' || artist || ' ' || album)) stored
);

-- Pages of the catalogue go along this index.
create index items_by_title on items (sort_title, id) where present and available;
create index items_by_origin on items (origin);
