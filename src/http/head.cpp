// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/head.h"

#include <algorithm>
#include <array>

#include <glib.h>

#include "src/base/encoding.h"

namespace butaca::http {

namespace {

constexpr std::size_t request_line_most_bytes = 8 << 10;
constexpr std::size_t fields_most = 100;
constexpr std::array<std::string_view, 7> methods = {"GET",   "HEAD",   "POST",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};

bool is_token_character(char c)
{
    return g_ascii_isalnum(c) ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool same(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view next_line(std::string_view &text)
{
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
}

tl::expected<void, Refusal> parse_request_line(std::string_view line, RequestHead &head)
{
    if (line.size() > request_line_most_bytes)
        return refuse(414, "the request target is too long");
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last)
        return refuse(400, "the request line is malformed");
    const std::string_view method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(method))
        return refuse(400, "the method is malformed");
    if (version.size() != 8 || !version.starts_with("HTTP/") || !g_ascii_isdigit(version[5]) ||
        version[6] != '.' || !g_ascii_isdigit(version[7]))
        return refuse(400, "the request line is malformed");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refuse(505, "this server speaks HTTP/1.1");
    if (std::find(methods.begin(), methods.end(), method) == methods.end())
        return refuse(501, "this method is not known here");
    auto target = parse_target(line.substr(first + 1, last - first - 1));
    if (!target)
        return tl::make_unexpected(target.error());
    if (target->path == "*" && method != "OPTIONS")
        return refuse(400, "the request target is no absolute path");
    head.method = method;
    head.target = std::move(*target);
    head.http_1_0 = version == "HTTP/1.0";
    return {};
}

tl::expected<void, Refusal> parse_fields(std::string_view text, RequestHead &head)
{
    while (text != "\r\n") {
        const std::string_view line = next_line(text);
        if (line.front() == ' ' || line.front() == '\t')
            return refuse(400, "a header field is folded over lines");
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
            return refuse(400, "a header field is malformed");
        if (head.headers.all().size() == fields_most)
            return refuse(431, "the request has too many header fields");
        head.headers.add(line.substr(0, colon), std::string(trim(line.substr(colon + 1))));
    }
    return {};
}

std::size_t count(const Headers &headers, std::string_view name)
{
    return static_cast<std::size_t>(
        std::count_if(headers.all().begin(), headers.all().end(),
                      [&](const auto &field) { return same(field.first, name); }));
}

tl::expected<void, Refusal> check_host(RequestHead &head)
{
    const std::size_t hosts = count(head.headers, "Host");
    if (hosts > 1 || (hosts == 0 && !head.http_1_0))
        return refuse(400, "the request must have exactly one Host");
    if (hosts == 1)
        head.host = *head.headers.get("Host");
    if (hosts == 1 && !is_authority(head.host))
        return refuse(400, "the Host is malformed");
    // RFC 9112, 3.2.2: the authority of an absolute target replaces the Host.
    if (!head.target.authority.empty())
        head.host = head.target.authority;
    return {};
}

tl::expected<void, Refusal> check_framing(RequestHead &head)
{
    const std::size_t lengths = count(head.headers, "Content-Length");
    const std::size_t codings = count(head.headers, "Transfer-Encoding");
    if (lengths > 1 || (lengths > 0 && codings > 0))
        return refuse(400, "the length of the body is given twice");
    if (codings > 1 || (codings > 0 && head.http_1_0))
        return refuse(400, "the transfer coding is malformed");
    if (codings > 0 && same(*head.headers.get("Transfer-Encoding"), "chunked"))
        return refuse(411, "a body needs a Content-Length here");
    if (codings > 0)
        return refuse(501, "this transfer coding is not known here");
    if (lengths == 0)
        return {};
    const std::string_view text = *head.headers.get("Content-Length");
    const auto length = text.size() <= 18 ? to_integer<std::uint64_t>(text) : std::nullopt;
    if (!length)
        return refuse(400, "the Content-Length is malformed");
    head.content_length = *length;
    return {};
}

tl::expected<void, Refusal> check_connection(RequestHead &head)
{
    head.keep_alive = !head.http_1_0;
    for (const auto &[name, value] : head.headers.all()) {
        if (!same(name, "Connection"))
            continue;
        if (head.http_1_0 && has_token(value, "keep-alive"))
            head.keep_alive = true;
        if (has_token(value, "close"))
            head.keep_alive = false;
    }
    const auto expect = head.headers.get("Expect");
    if (!expect || head.http_1_0)
        return {};
    if (!same(*expect, "100-continue"))
        return refuse(417, "this expectation is not known here");
    head.expects_continue = true;
    return {};
}

} // namespace

bool has_token(std::string_view value, std::string_view name)
{
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(','), value.size());
        if (same(trim(value.substr(0, end)), name))
            return true;
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return false;
}

Parsed<std::optional<std::size_t>> find_head_end(std::string_view input, std::size_t &scanned,
                                                 std::size_t limit_bytes)
{
    const std::size_t end = std::min(input.size(), limit_bytes);
    for (; scanned < end; scanned++) {
        const auto byte = static_cast<unsigned char>(input[scanned]);
        const bool after_cr = scanned > 0 && input[scanned - 1] == '\r';
        if ((byte == '\n') != after_cr)
            return refuse(400, "a line must end in CR LF");
        if ((byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') || byte == 0x7f)
            return refuse(400, "the request holds a control character");
        if (byte == '\n' && scanned >= 3 && input.substr(scanned - 3, 4) == "\r\n\r\n")
            return std::optional(scanned + 1);
    }
    const std::size_t line_end = input.substr(0, request_line_most_bytes + 2).find('\n');
    if (scanned > request_line_most_bytes + 1 && line_end == std::string_view::npos)
        return refuse(414, "the request target is too long");
    if (scanned >= limit_bytes)
        return refuse(431, "the head of the request is too large");
    return std::optional<std::size_t>();
}

Parsed<RequestHead> parse_head(std::string_view text)
{
    RequestHead head;
    const std::string_view line = next_line(text);
    auto step = parse_request_line(line, head);
    if (step)
        step = parse_fields(text, head);
    if (step)
        step = check_host(head);
    if (step)
        step = check_framing(head);
    if (step)
        step = check_connection(head);
    if (!step)
        return tl::make_unexpected(step.error());
    return head;
}

} // namespace butaca::http
