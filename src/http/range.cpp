// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/range.h"

#include <algorithm>
#include <limits>
#include <string>

#include "src/base/loop.h"
#include "src/http/problem.h"

namespace butaca::http {

namespace {

using Kind = Selection::Kind;

bool same(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view opaque(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

// Is `etag` in the list of one If-Match or If-None-Match field (RFC 9110, 8.8.3)? Commas may stand inside the
// quotes.
bool lists(std::string_view list, std::string_view etag, bool weakly)
{
    while (!list.empty()) {
        if (list.front() == ' ' || list.front() == '\t' || list.front() == ',') {
            list.remove_prefix(1);
            continue;
        }
        const std::size_t open = list.starts_with("W/") ? 2 : 0;
        const std::size_t close =
            open < list.size() && list[open] == '"' ? list.find('"', open + 1) : std::string_view::npos;
        if (close == std::string_view::npos)
            return false;
        const std::string_view tag = list.substr(0, close + 1);
        list.remove_prefix(close + 1);
        if (weakly ? opaque(tag) == opaque(etag) : open == 0 && tag == etag)
            return true;
    }
    return false;
}

// The condition in the fields called `name`: nothing when there are none.
std::optional<bool> matches(const Headers &request, std::string_view name, std::string_view etag, bool weakly)
{
    std::optional<bool> result;
    for (const auto &[field, value] : request.all()) {
        if (same(field, name))
            result = result.value_or(false) || value == "*" || (!etag.empty() && lists(value, etag, weakly));
    }
    return result;
}

// A run of digits; a number beyond 64 bits is the greatest there is, for it is beyond any size all the same.
std::optional<std::uint64_t> number(std::string_view digits)
{
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    if (digits.empty())
        return std::nullopt;
    std::uint64_t value = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9')
            return std::nullopt;
        const auto add = static_cast<std::uint64_t>(digit - '0');
        value = value > (most - add) / 10 ? most : value * 10 + add;
    }
    return value;
}

Selection part(std::uint64_t first, std::uint64_t last) { return {Kind::part, {first, last}}; }

Selection select_range(std::string_view text, std::uint64_t size_bytes)
{
    constexpr std::string_view unit = "bytes=";
    if (!same(text.substr(0, unit.size()), unit))
        return {};
    text.remove_prefix(unit.size());
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos)
        return {};
    const std::string_view before = text.substr(0, dash);
    const std::string_view after = text.substr(dash + 1);
    const auto first = number(before);
    const auto last = number(after);
    if ((!first && !before.empty()) || (!last && !after.empty()) || (!first && !last))
        return {}; // several ranges end up here as well: a comma is no digit
    if (!first) {
        if (*last == 0 || size_bytes == 0)
            return {Kind::unsatisfiable, {}};
        return part(size_bytes - std::min(*last, size_bytes), size_bytes - 1);
    }
    if (*first >= size_bytes || (last && *last < *first))
        return {Kind::unsatisfiable, {}};
    return part(*first, std::min(last.value_or(size_bytes - 1), size_bytes - 1));
}

// What serve_file() and serve_bytes() have in common: everything but the body.
struct Answer {
    Response response;
    Selection selection;
};

Answer answer(const Request &request, std::uint64_t size_bytes, std::string_view etag,
              std::string_view content_type)
{
    Selection selection = select(request.headers, size_bytes, etag);
    // Range is defined for GET alone (RFC 9110, 14.2); HEAD tells of the whole.
    if (request.method != "GET" && (selection.kind == Kind::part || selection.kind == Kind::unsatisfiable))
        selection = {};
    const std::string_view language = request.headers.get("Accept-Language").value_or("");
    Response response;
    if (selection.kind == Kind::precondition_failed) {
        response = problem(412, "the representation is not the one you know", request.id, language);
    } else if (selection.kind == Kind::unsatisfiable) {
        response = problem(416, "the range lies outside of the representation", request.id, language);
        response.headers.set("Content-Range", "bytes */" + std::to_string(size_bytes));
    } else {
        if (selection.kind == Kind::not_modified) {
            response.status = 304;
        } else {
            response.headers.set("Content-Type", std::string(content_type));
        }
        if (selection.kind == Kind::part) {
            response.status = 206;
            response.headers.set("Content-Range", "bytes " + std::to_string(selection.part.first) + "-" +
                                                      std::to_string(selection.part.last) + "/" +
                                                      std::to_string(size_bytes));
        }
        if (!etag.empty())
            response.headers.set("ETag", std::string(etag));
    }
    response.headers.set("Accept-Ranges", "bytes");
    return {std::move(response), selection};
}

} // namespace

Selection select(const Headers &request, std::uint64_t size_bytes, std::string_view etag)
{
    if (!matches(request, "If-Match", etag, false).value_or(true))
        return {Kind::precondition_failed, {}};
    if (matches(request, "If-None-Match", etag, true).value_or(false))
        return {Kind::not_modified, {}};
    const auto range = request.get("Range");
    const auto repeated = std::count_if(request.all().begin(), request.all().end(),
                                        [](const auto &field) { return same(field.first, "Range"); });
    if (!range || repeated > 1)
        return {};
    // If-Range compares strongly; a date in it never matches, for we send none (RFC 9110, 13.1.5).
    const auto if_range = request.get("If-Range");
    if (if_range && (etag.empty() || etag.starts_with("W/") || *if_range != etag))
        return {};
    return select_range(*range, size_bytes);
}

Response serve_file(const Request &request, int fd, std::uint64_t size_bytes, std::string_view etag,
                    std::string_view content_type)
{
    Fd owned(fd);
    auto [response, selection] = answer(request, size_bytes, etag, content_type);
    if (selection.kind == Kind::whole)
        response.file = FileRange{owned.release(), 0, size_bytes};
    if (selection.kind == Kind::part)
        response.file =
            FileRange{owned.release(), selection.part.first, selection.part.last - selection.part.first + 1};
    return std::move(response);
}

Response serve_stream(const Request &request, std::uint64_t size_bytes, std::string_view etag,
                      std::string_view content_type,
                      std::function<void(ByteRange, std::shared_ptr<BodyStream>)> send)
{
    auto [response, selection] = answer(request, size_bytes, etag, content_type);
    if (selection.kind != Kind::whole && selection.kind != Kind::part)
        return std::move(response);
    const ByteRange part = selection.kind == Kind::part
                               ? selection.part
                               : ByteRange{0, std::max<std::uint64_t>(1, size_bytes) - 1};
    response.headers.set("Content-Length", std::to_string(size_bytes == 0 ? 0 : part.last - part.first + 1));
    response.stream = [part, send = std::move(send)](std::shared_ptr<BodyStream> stream) {
        send(part, std::move(stream));
    };
    return std::move(response);
}

Response serve_bytes(const Request &request, std::shared_ptr<GBytes> bytes, std::string_view etag,
                     std::string_view content_type)
{
    const std::size_t size_bytes = bytes ? g_bytes_get_size(bytes.get()) : 0;
    auto [response, selection] = answer(request, size_bytes, etag, content_type);
    if (selection.kind == Kind::whole)
        response.bytes = std::move(bytes);
    else if (selection.kind == Kind::part)
        response.bytes = share_bytes(adopt(g_bytes_new_from_bytes(
            bytes.get(), selection.part.first, selection.part.last - selection.part.first + 1)));
    return std::move(response);
}

} // namespace butaca::http
