// SPDX-License-Identifier: LGPL-2.1-or-later
// The catalogue's rows: what VS and AS offer, with what we say about it. All functions block; run them on
// pg::Database. Each is one statement, so each is a transaction of its own unless the caller holds one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/media/facts.h"
#include "store/pg/connection.h"

namespace butaca::store {

// What an origin offers, as it goes into the catalogue.
struct ItemRow {
    std::string digest; // 64 hex digits
    media::Kind kind = media::Kind::video;
    std::string slug; // a wish; see upsert_items()
    std::string title;
    std::string artist;
    std::string album;
    unsigned year = 0;
    std::int64_t duration_ms = 0;
    std::string origin; // "vs" or "as", or whatever names the server that offers it
    std::string facts;  // the asset's JSON, as media::write_json() gives it
};

// A row as it is stored.
struct Item : ItemRow {
    std::string id; // 16 hex digits, the beginning of the digest
    std::int64_t price_minor = 0;
    std::string currency; // ISO 4217
    bool available = true;
    bool present = true;
    // Of the tags; 0 when unknown.
    unsigned track = 0;
    unsigned disc = 0;
    // Of music only, and "" where its tags do not say; see store/music.h.
    std::string album_id;
    std::string artist_id;
};

// Adds new items (free, available) and refreshes known ones, which become present again and keep their id,
// price and availability. A slug that another item has already gets "-" and 8 digits of the digest; but an
// absent item gives its slug up, so mark_absent() goes first: a film that was replaced by a better copy then
// keeps its name. All or nothing. Of two rows with one digest the last counts.
Status upsert_items(pg::Connection &connection, std::span<const ItemRow> rows);

// Marks as absent all items of `origin` but those with these digests. How many were present before.
Result<std::int64_t> mark_absent(pg::Connection &connection, std::string_view origin,
                                 std::span<const std::string> present_digests);

struct ListQuery {
    std::string text; // every word of it has to be in title, artist or album; accents and case do not count
    std::optional<media::Kind> kind;
    unsigned limit = 50; // at most 200 are given
    std::string cursor;  // `next` of the page before; "" for the first
};

struct Page {
    std::vector<Item> items;
    std::string next; // "" after the last page
};

// Present, available items by title. A page begins after the last item of the one before it, so items that
// come and go in between are neither repeated nor skipped. `invalid_argument` for a cursor that is not ours.
Result<Page> list_items(pg::Connection &connection, const ListQuery &query);

// One item, also an absent or unavailable one (people may own it). `not_found`.
Result<Item> get_item(pg::Connection &connection, std::string_view id_or_slug);

} // namespace butaca::store
