// SPDX-License-Identifier: LGPL-2.1-or-later
// What lists have in common: how an item looks, and what narrows a list.
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/http/message.h"
#include "store/catalogue.h"

namespace butaca::gateway {

// Where an item's picture is, if it has one.
std::string picture_path(const std::string &item_id);

// The contract's Item.
void write_item(json::Writer &writer, const store::Item &item);

// `limit` and `cursor` of a list; `invalid_argument` names the one that is wrong.
struct Paging {
    unsigned limit = 50;
    std::string cursor;
};
Result<Paging> paging_from(const http::Request &request);

// What a list of the catalogue is asked for: `q`, `kind` and the paging; errors as above.
Result<store::ListQuery> catalogue_query(const http::Request &request);

// A parameter of the address, or "".
std::string query_parameter(const http::Request &request, const char *name);

// Ends {"items": [...], "next": ...} after its last item, and answers it.
http::Response end_page(json::Writer &writer, const std::string &next);

} // namespace butaca::gateway
