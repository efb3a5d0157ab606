// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/catalogue.h"

#include <algorithm>
#include <map>

#include "src/base/json.h"
#include "store/cursor.h"
#include "store/item_row.h"

namespace butaca::store {

namespace {

constexpr std::string_view kind_text(media::Kind kind)
{
    return kind == media::Kind::video ? "video" : "audio";
}

std::string to_json(std::span<const ItemRow> rows)
{
    // One INSERT ... ON CONFLICT may not touch a row twice.
    std::map<std::string_view, const ItemRow *> by_digest;
    for (const ItemRow &row : rows)
        by_digest[row.digest] = &row;
    json::Writer writer;
    writer.begin_array();
    for (const auto &[digest, row] : by_digest) {
        writer.begin_object();
        writer.member("digest", row->digest).member("kind", kind_text(row->kind)).member("slug", row->slug);
        writer.member("title", row->title).member("artist", row->artist).member("album", row->album);
        writer.member("year", row->year).member("duration_ms", row->duration_ms);
        writer.member("origin", row->origin).key("facts").raw(row->facts);
        writer.end_object();
    }
    writer.end_array();
    return writer.take();
}

} // namespace

Item item_from(const pg::Row &row)
{
    Item item;
    item.id = row.text(0);
    item.digest = row.text(1);
    item.kind = row.text(2) == kind_text(media::Kind::video) ? media::Kind::video : media::Kind::audio;
    item.slug = row.text(3);
    item.title = row.text(4);
    item.artist = row.text(5);
    item.album = row.text(6);
    item.year = static_cast<unsigned>(row.integer(7));
    item.duration_ms = row.integer(8);
    item.price_minor = row.integer(9);
    item.currency = row.text(10);
    item.available = row.boolean(11);
    item.present = row.boolean(12);
    item.origin = row.text(13);
    item.facts = row.text(14);
    item.track = static_cast<unsigned>(row.integer(15));
    item.disc = static_cast<unsigned>(row.integer(16));
    item.album_id = row.maybe_text(17).value_or("");
    item.artist_id = row.maybe_text(18).value_or("");
    return item;
}

// Slugs are settled before rows are written: absent items that stand in the way step aside, then of those who
// want one slug its owner keeps it, else the smallest digest gets it. Items that swapped their slugs settle
// with the next call.
constexpr pg::Statement release_slugs_sql{"catalogue.release_slugs", R"(
    with offered as (
        select digest, slug from jsonb_to_recordset($1::jsonb) as r (digest text, slug text)
    )
    update items set slug = items.slug || '-' || left(items.digest, 8), changed_at = now()
    where not present
      and slug in (select slug from offered)
      and not exists (select from offered where offered.digest = items.digest))"};

constexpr pg::Statement upsert_sql{"catalogue.upsert", R"(
    with offered as (
        select r.*, row_number() over (partition by r.slug order by owner.digest is null, r.digest) as place
        from jsonb_to_recordset($1::jsonb) as r (digest text, kind text, slug text, title text, artist text,
            album text, year integer, duration_ms bigint, origin text, facts jsonb)
        left join items as owner on owner.slug = r.slug and owner.digest = r.digest
    ), named as (
        select offered.*,
            case when place = 1 and not exists (
                     select from items where items.slug = offered.slug and items.digest <> offered.digest)
                 then slug else slug || '-' || left(digest, 8) end as free_slug
        from offered
    )
    insert into items (id, digest, kind, slug, title, artist, album, year, duration_ms, origin, facts)
    select left(digest, 16), digest, kind, free_slug, title, artist, album, year, duration_ms, origin, facts
    from named
    on conflict (digest) do update set
        slug = excluded.slug, kind = excluded.kind, title = excluded.title, artist = excluded.artist, album = excluded.album,
        year = excluded.year, duration_ms = excluded.duration_ms, origin = excluded.origin,
        facts = excluded.facts, present = true, changed_at = now()
    where (items.slug, items.kind, items.title, items.artist, items.album, items.year, items.duration_ms, items.origin,
           items.facts, items.present)
        is distinct from (excluded.slug, excluded.kind, excluded.title, excluded.artist, excluded.album, excluded.year,
                          excluded.duration_ms, excluded.origin, excluded.facts, true))"};

Status upsert_items(pg::Connection &connection, std::span<const ItemRow> rows)
{
    const std::string offered = to_json(rows);
    auto write = [&](pg::Connection &inside) -> Status {
        for (const pg::Statement &statement : {release_slugs_sql, upsert_sql})
            if (auto done = inside.exec(statement, {offered}); !done)
                return fail(std::move(done).error());
        return {};
    };
    return connection.in_transaction() ? write(connection) : pg::in_transaction(connection, write);
}

constexpr pg::Statement mark_absent_sql{"catalogue.mark_absent", R"(
    update items set present = false, changed_at = now()
    where origin = $1 and present and digest <> all ($2::text[]))"};

Result<std::int64_t> mark_absent(pg::Connection &connection, std::string_view origin,
                                 std::span<const std::string> present_digests)
{
    auto done = connection.exec(mark_absent_sql, {origin, pg::text_array(present_digests)});
    if (!done)
        return fail(std::move(done).error());
    return done->affected();
}

constexpr pg::Statement list_sql{"catalogue.list", "select " BUTACA_ITEM_COLUMNS R"(, sort_title
    from items
    where present and available
      and ($1::text is null or kind = $1)
      and not exists (select from string_to_table(fold($2::text), ' ') as word where strpos(search, word) = 0)
      and ($3::text is null or (sort_title, id) > ($4::text collate "C", $3))
    order by sort_title, id
    limit $5)"};

Result<Page> list_items(pg::Connection &connection, const ListQuery &query)
{
    auto after = page_start(query.cursor);
    if (!after)
        return fail(std::move(after).error());
    std::optional<std::string_view> kind;
    if (query.kind)
        kind = kind_text(*query.kind);
    const int limit = static_cast<int>(std::clamp(query.limit, 1U, 200U));
    // One more than asked for tells whether there is a next page.
    auto rows = connection.exec(list_sql, {kind, query.text, after->id, after->sorted_by, limit + 1});
    if (!rows)
        return fail(std::move(rows).error());
    Page page;
    for (int i = 0; i < std::min(rows->size(), limit); ++i)
        page.items.push_back(item_from((*rows)[i]));
    if (rows->size() > limit)
        page.next = to_cursor(page.items.back().id, (*rows)[limit - 1].text(item_columns));
    return page;
}

// An id wins over a slug that looks like one.
constexpr pg::Statement get_sql{"catalogue.get", "select " BUTACA_ITEM_COLUMNS R"(
    from items where id = $1 or slug = $1 order by id = $1 desc limit 1)"};

Result<Item> get_item(pg::Connection &connection, std::string_view id_or_slug)
{
    auto rows = connection.exec(get_sql, {id_or_slug});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return fail(ErrorCode::not_found, "there is no such item");
    return item_from((*rows)[0]);
}

} // namespace butaca::store
