// SPDX-License-Identifier: LGPL-2.1-or-later
// How an item is read from a row, for all statements that select items.
#pragma once

#include "store/catalogue.h"
#include "store/pg/rows.h"

namespace butaca::store {

// The columns in the order that item_from() reads, and how many.
#define BUTACA_ITEM_COLUMNS                                                                                  \
    "id, digest, kind, slug, title, artist, album, year, duration_ms, price_minor, currency, available, "    \
    "present, origin, facts, track, disc, album_id, artist_id"
inline constexpr int item_columns = 19;

Item item_from(const pg::Row &row);

} // namespace butaca::store
