// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/cursor.h"

#include "src/base/encoding.h"

namespace butaca::store {

namespace {

constexpr std::size_t id_digits = 16;

} // namespace

std::string to_cursor(const std::string &id, const std::string &sorted_by)
{
    return to_base64url(id + " " + sorted_by);
}

Result<PageStart> page_start(const std::string &cursor)
{
    if (cursor.empty())
        return PageStart{};
    const auto text = from_base64url(cursor);
    if (!text || text->size() <= id_digits || (*text)[id_digits] != ' ')
        return fail(ErrorCode::invalid_argument, "the cursor is not one that a list gave out");
    return PageStart{text->substr(0, id_digits), text->substr(id_digits + 1)};
}

} // namespace butaca::store
