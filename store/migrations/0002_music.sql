-- Music as albums and artists, made of what the files' tags say.

-- What names an album or an artist: the same on every machine, and for every way of writing it.
create function name_id(value text) returns text
    language sql immutable strict parallel safe
    return left(md5(fold(value)), 16);

-- A number of the tags; 0 where there is none.
create function tag_number(facts jsonb, name text) returns integer
    language sql immutable strict parallel safe
    return coalesce(case when jsonb_typeof(facts -> 'tags' -> name) = 'number'
                         then least((facts -> 'tags' ->> name)::numeric, 100000)::integer end, 0);

-- Who made the album: told, or whoever made the track.
create function album_artist(facts jsonb, artist text) returns text
    language sql immutable strict parallel safe
    return coalesce(nullif(facts -> 'tags' ->> 'album_artist', ''), artist);

alter table items
    add column track        integer not null generated always as (tag_number(facts, 'track')) stored,
    add column disc         integer not null generated always as (tag_number(facts, 'disc')) stored,
    add column album_artist text not null generated always as (album_artist(facts, artist)) stored,
    add column album_id     text generated always as (
        case when kind = 'audio' and album <> ''
             then name_id(album || U&'\001F' || album_artist(facts, artist)) end) stored,
    add column artist_id    text generated always as (
        case when kind = 'audio' and artist <> '' then name_id(artist) end) stored,
    add column album_artist_id text generated always as (
        case when kind = 'audio' and album_artist(facts, artist) <> ''
             then name_id(album_artist(facts, artist)) end) stored;

create index items_by_album on items (album_id, disc, track) where present and available;
create index items_by_artist on items (artist_id) where present and available;
create index items_by_album_artist on items (album_artist_id) where present and available;
