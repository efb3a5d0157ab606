// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/music.h"

#include <algorithm>

#include "store/cursor.h"
#include "store/item_row.h"

namespace butaca::store {

namespace {

constexpr unsigned page_most = 200;

Album album_from(const pg::Row &row)
{
    return {row.text(0),
            row.text(1),
            row.text(2),
            row.maybe_text(3).value_or(""),
            static_cast<unsigned>(row.integer(4)),
            row.integer(5),
            row.integer(6),
            row.text(7),
            row.boolean(8)};
}

// One more row than the page has tells whether there is a next one.
template <typename Entry>
std::string cut_page(const pg::Rows &rows, unsigned limit, int sorted_by, std::vector<Entry> &entries,
                     Entry (*read)(const pg::Row &))
{
    int count = std::min(rows.size(), static_cast<int>(limit));
    for (int i = 0; i < count; i++)
        entries.push_back(read(rows[i]));
    return rows.size() > count ? to_cursor(entries.back().id, rows[count - 1].text(sorted_by)) : "";
}

} // namespace

// Of differing spellings under one name, the first in the order of tracks is shown.
#define BUTACA_ALBUM_COLUMNS                                                                                 \
    "album_id as id, (array_agg(album order by disc, track, id))[1] as title, "                              \
    "(array_agg(album_artist order by disc, track, id))[1] as artist, min(album_artist_id) as artist_id, "   \
    "max(year) as year, count(*) as tracks, sum(duration_ms)::bigint as duration_ms, "                       \
    "(array_agg(id order by disc, track, id))[1] as first_item, "                                            \
    "coalesce((array_agg(facts ->> 'cover' order by disc, track, id))[1], '') <> '' as has_cover"

constexpr pg::Statement list_albums_sql{"music.albums", R"(
    with albums as (
        select )" BUTACA_ALBUM_COLUMNS R"(, min(fold(album)) collate "C" as sort_title,
            min(fold(album || ' ' || album_artist)) as search, array_agg(artist_id) as with_artists
        from items where present and available and album_id is not null group by album_id
    )
    select id, title, artist, artist_id, year, tracks, duration_ms, first_item, has_cover, sort_title from albums
    where not exists (select from string_to_table(fold($1::text), ' ') as word where strpos(search, word) = 0)
      and ($2::text = '' or artist_id = $2 or $2 = any (with_artists))
      and ($3::text is null or (sort_title, id) > ($4::text collate "C", $3))
    order by sort_title, id
    limit $5)"};

Result<AlbumPage> list_albums(pg::Connection &connection, const MusicQuery &query)
{
    auto after = page_start(query.cursor);
    if (!after)
        return fail(std::move(after).error());
    const unsigned limit = std::clamp(query.limit, 1U, page_most);
    auto rows =
        connection.exec(list_albums_sql, {query.text, query.artist, after->id, after->sorted_by, limit + 1});
    if (!rows)
        return fail(std::move(rows).error());
    AlbumPage page;
    page.next = cut_page(*rows, limit, 9, page.albums, album_from);
    return page;
}

constexpr pg::Statement list_artists_sql{"music.artists", R"(
    with artists as (
        select artist_id as id, (array_agg(artist order by id))[1] as name, count(distinct album_id) as albums,
            count(*) as tracks, min(fold(artist)) collate "C" as sort_name
        from items where present and available and artist_id is not null group by artist_id
    )
    select id, name, albums, tracks, sort_name from artists
    where not exists (select from string_to_table(fold($1::text), ' ') as word where strpos(sort_name, word) = 0)
      and ($2::text is null or (sort_name, id) > ($3::text collate "C", $2))
    order by sort_name, id
    limit $4)"};

Result<ArtistPage> list_artists(pg::Connection &connection, const MusicQuery &query)
{
    auto after = page_start(query.cursor);
    if (!after)
        return fail(std::move(after).error());
    const unsigned limit = std::clamp(query.limit, 1U, page_most);
    auto rows = connection.exec(list_artists_sql, {query.text, after->id, after->sorted_by, limit + 1});
    if (!rows)
        return fail(std::move(rows).error());
    ArtistPage page;
    page.next = cut_page<Artist>(*rows, limit, 4, page.artists, [](const pg::Row &row) {
        return Artist{row.text(0), row.text(1), row.integer(2), row.integer(3)};
    });
    return page;
}

constexpr pg::Statement get_album_sql{"music.album", "select " BUTACA_ALBUM_COLUMNS R"(
    from items where present and available and album_id = $1 group by album_id)"};

Result<Album> get_album(pg::Connection &connection, std::string_view id)
{
    auto rows = connection.exec(get_album_sql, {id});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return fail(ErrorCode::not_found, "there is no such album");
    return album_from((*rows)[0]);
}

constexpr pg::Statement album_tracks_sql{"music.album_tracks", "select " BUTACA_ITEM_COLUMNS R"(
    from items where present and available and album_id = $1
    order by disc, track, sort_title, id
    limit 1000)"};

Result<std::vector<Item>> album_tracks(pg::Connection &connection, std::string_view id)
{
    auto rows = connection.exec(album_tracks_sql, {id});
    if (!rows)
        return fail(std::move(rows).error());
    std::vector<Item> items;
    for (const pg::Row &row : *rows)
        items.push_back(item_from(row));
    return items;
}

Result<WholeAlbum> get_whole_album(pg::Connection &connection, const std::string &id)
{
    auto album = get_album(connection, id);
    if (!album)
        return fail(album.error());
    auto tracks = album_tracks(connection, id);
    if (!tracks)
        return fail(tracks.error());
    return WholeAlbum{std::move(*album), std::move(*tracks)};
}

} // namespace butaca::store
