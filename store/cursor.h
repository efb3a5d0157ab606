// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a page of a list ended: the row's id and what it was sorted by. As text it means nothing to anybody
// else; a hostile one only ever selects another page.
#pragma once

#include <optional>
#include <string>

#include "src/base/result.h"

namespace butaca::store {

struct Position {
    std::string id; // 16 hex digits
    std::string sorted_by;
};

std::string to_cursor(const Position &position);

// Nothing for "", the first page; `invalid_argument` for what no list gave out.
Result<std::optional<Position>> position_from(const std::string &cursor);

} // namespace butaca::store
