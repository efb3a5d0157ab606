// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/answer.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <libsoup/soup.h>

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/http/head.h"

namespace butaca::http {

namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::any_of(names.begin(), names.end(), [&](std::string_view other) {
        return other.size() == name.size() &&
               g_ascii_strncasecmp(other.data(), name.data(), name.size()) == 0;
    });
}

bool is_safe(std::string_view value)
{
    return std::none_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

void add_field(std::string &head, std::string_view name, std::string_view value)
{
    if (name.empty() || !is_safe(name) || !is_safe(value)) {
        log::error("http.header_refused", {{"name", is_safe(name) ? name : "?"}});
        return;
    }
    head.append(name).append(": ").append(value).append("\r\n");
}

// IMF-fixdate (RFC 9110, 5.6.7), made anew once a second.
const std::string &date()
{
    thread_local std::time_t made_at = -1;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm utc{};
        gmtime_r(&now, &utc);
        std::array<char, 64> buffer;
        g_snprintf(buffer.data(), buffer.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                   days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                   months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                   utc.tm_sec);
        text = buffer.data();
        made_at = now;
    }
    return text;
}

} // namespace

Framing framing_of(const Response &response, const AnswerForm &form)
{
    Framing framing;
    framing.keep_alive =
        form.keep_alive && !has_token(response.headers.get("Connection").value_or(""), "close");
    const bool bodiless = response.status == 204 || response.status == 304;
    framing.has_body = !bodiless && !form.head_only;
    if (bodiless)
        return framing;
    if (response.stream) {
        framing.length = to_integer<std::uint64_t>(response.headers.get("Content-Length").value_or(""));
        framing.chunked = !framing.length && !form.http_1_0;
        if (!framing.length && form.http_1_0)
            framing.keep_alive = false;
    } else if (response.file) {
        framing.length = response.file->size_bytes;
    } else {
        framing.length = response.bytes ? g_bytes_get_size(response.bytes.get()) : 0;
    }
    return framing;
}

std::string compose_head(const Response &response, const Framing &framing, const AnswerForm &form,
                         const ServerSettings &settings, std::string_view request_id)
{
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head.append(soup_status_get_phrase(static_cast<guint>(response.status))).append("\r\n");
    add_field(head, "Date", date());
    if (!request_id.empty())
        add_field(head, "X-Request-Id", request_id);
    if (framing.length)
        add_field(head, "Content-Length", std::to_string(*framing.length));
    if (framing.chunked)
        add_field(head, "Transfer-Encoding", "chunked");
    if (!framing.keep_alive)
        add_field(head, "Connection", "close");
    else if (form.http_1_0)
        add_field(head, "Connection", "keep-alive");
    if (settings.cross_origin) {
        add_field(head, "Access-Control-Allow-Origin", "*");
        add_field(head, "Access-Control-Expose-Headers",
                  "Accept-Ranges, Content-Range, ETag, Location, Retry-After, X-Request-Id");
    }
    for (const auto &[name, value] : settings.default_headers.all()) {
        if (!response.headers.get(name))
            add_field(head, name, value);
    }
    for (const auto &[name, value] : response.headers.all()) {
        if (!is_one_of(name, {"Content-Length", "Transfer-Encoding", "Connection", "Date"}))
            add_field(head, name, value);
    }
    return head.append("\r\n");
}

Response options_answer(const std::string &allow, bool cross_origin)
{
    auto response = Response::empty(204);
    response.headers.set("Allow", allow);
    if (cross_origin) {
        response.headers.set("Access-Control-Allow-Methods", allow);
        response.headers.set(
            "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Range");
        response.headers.set("Access-Control-Max-Age", "86400");
    }
    return response;
}

} // namespace butaca::http
