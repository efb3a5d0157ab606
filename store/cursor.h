// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a page of a list ended: the row's id and what it was sorted by. As text it means nothing to anybody
// else; a hostile one only ever selects another page.
#pragma once

#include <optional>
#include <string>

#include "src/base/result.h"

namespace butaca::store {

// What the next page begins after, as parameters of its statement; nothing at all for the first page.
struct PageStart {
    std::optional<std::string> id; // 16 hex digits
    std::optional<std::string> sorted_by;
};

std::string to_cursor(const std::string &id, const std::string &sorted_by);

// "" is the first page; `invalid_argument` for what no list gave out.
Result<PageStart> page_start(const std::string &cursor);

} // namespace butaca::store
