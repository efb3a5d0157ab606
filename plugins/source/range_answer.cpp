// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/range_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace butaca::source {
namespace {

constexpr std::size_t max_etag_length = 256;
constexpr unsigned max_retry_after_s = 3600;

std::string_view header(SoupMessage *message, const char *name)
{
    const char *value = soup_message_headers_get_one(soup_message_get_response_headers(message), name);
    return value ? value : "";
}

bool is_strong_etag(std::string_view text)
{
    return text.size() >= 2 && text.size() <= max_etag_length && text.front() == '"' && text.back() == '"';
}

tl::unexpected<Error> breaks_rules(std::string why)
{
    return fail(ErrorCode::unsupported, "the server of the original does not serve parts of files correctly",
                std::move(why));
}

// Seconds from now, from either form of the header (RFC 9110, 10.2.3); 0 when there is none.
unsigned retry_after_s(SoupMessage *message)
{
    std::string_view text = header(message, "Retry-After");
    unsigned seconds = 0;
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem == std::errc() && end == text.data() + text.size())
        return std::min(seconds, max_retry_after_s);
    if (text.empty() || problem == std::errc::result_out_of_range)
        return text.empty() ? 0 : max_retry_after_s;
    Owned<GDateTime> then = adopt(soup_date_time_new_from_http_string(text.data()));
    Owned<GDateTime> now = adopt(g_date_time_new_now_utc());
    if (!then || !now)
        return 0;
    gint64 wait_s = g_date_time_difference(then.get(), now.get()) / G_TIME_SPAN_SECOND;
    return static_cast<unsigned>(CLAMP(wait_s, 0, static_cast<gint64>(max_retry_after_s)));
}

Error refusal(SoupMessage *message)
{
    unsigned status = soup_message_get_status(message);
    std::string detail = "the origin answered " + std::to_string(status);
    switch (status) {
    case 401:
        return {ErrorCode::unauthenticated, "the original cannot be read: the ticket does not hold", detail,
                0};
    case 403:
        return {ErrorCode::forbidden, "the original cannot be read: the ticket is not for it", detail, 0};
    case 404:
    case 410:
        return {ErrorCode::not_found, "the original is no longer there", detail, 0};
    case 412:
        return changed(detail);
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return {ErrorCode::unavailable, "the server of the original is busy or failing", detail,
                retry_after_s(message)};
    default:
        return {ErrorCode::unprocessable, "the server of the original refuses to send it", detail, 0};
    }
}

Status judge_etag(std::string_view etag, const RangeRequest &request)
{
    if (!is_strong_etag(etag))
        return breaks_rules("the answer has no strong ETag, so nothing says that its bytes stay the same");
    if (!request.etag.empty() && etag != request.etag)
        return fail(changed("ETag " + std::string(etag) + " instead of " + request.etag));
    return {};
}

// 416 to a range past the end: its Content-Range says how long the original is (RFC 9110, 15.5.17).
Result<RangeAnswer> judge_past_end(SoupMessage *message, const RangeRequest &request)
{
    constexpr std::string_view start = "bytes */";
    std::string_view etag = header(message, "ETag");
    if (!etag.empty()) {
        if (auto same = judge_etag(etag, request); !same)
            return fail(std::move(same.error()));
    }
    std::string_view text = header(message, "Content-Range");
    std::uint64_t total = 0;
    if (!text.starts_with(start))
        return breaks_rules("416 without the length of the original");
    text.remove_prefix(start.size());
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), total);
    if (problem != std::errc() || end != text.data() + text.size() || total > G_MAXINT64)
        return breaks_rules("416 with a Content-Range that cannot be read");
    if (total > request.first)
        return breaks_rules("416 for a range inside of the original");
    return RangeAnswer{request.first, 0, total, std::string(etag)};
}

Result<RangeAnswer> judge_part(SoupMessage *message, const RangeRequest &request)
{
    SoupMessageHeaders *headers = soup_message_get_response_headers(message);
    std::string_view etag = header(message, "ETag");
    if (auto same = judge_etag(etag, request); !same)
        return fail(std::move(same.error()));
    gint64 first = -1;
    gint64 last = -1;
    gint64 total = -1;
    if (!soup_message_headers_get_content_range(headers, &first, &last, &total) || total <= 0)
        return breaks_rules("206 without a usable Content-Range");
    if (first < 0 || last < first || last >= total || static_cast<std::uint64_t>(first) != request.first ||
        static_cast<std::uint64_t>(last) > request.last)
        return breaks_rules("another range than the one that was asked for");
    gint64 size = last - first + 1;
    // Nor chunks: libsoup reads their trailers into the caller's buffer, and complains when that has one
    // byte.
    if (soup_message_headers_get_encoding(headers) != SOUP_ENCODING_CONTENT_LENGTH)
        return breaks_rules("206 without a Content-Length");
    if (soup_message_headers_get_content_length(headers) != size)
        return breaks_rules("Content-Length and Content-Range contradict each other");
    if (std::string_view coding = header(message, "Content-Encoding");
        !coding.empty() && coding != "identity")
        return breaks_rules("the bytes come encoded, so ranges of them mean nothing");
    return RangeAnswer{request.first, static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(total),
                       std::string(etag)};
}

} // namespace

Error changed(std::string detail)
{
    return {ErrorCode::conflict, "the original changed while it was being read", std::move(detail), 0};
}

Owned<SoupMessage> make_message(const RangeRequest &request)
{
    Owned<SoupMessage> message = adopt(soup_message_new(SOUP_METHOD_GET, request.url.c_str()));
    if (!message)
        return message;
    soup_message_add_flags(message.get(), SOUP_MESSAGE_NO_REDIRECT);
    SoupMessageHeaders *headers = soup_message_get_request_headers(message.get());
    soup_message_headers_set_range(headers, static_cast<gint64>(request.first),
                                   static_cast<gint64>(request.last));
    soup_message_headers_replace(headers, "Accept-Encoding", "identity");
    if (!request.ticket.empty())
        soup_message_headers_replace(headers, "Authorization", ("Bearer " + request.ticket).c_str());
    if (!request.etag.empty())
        soup_message_headers_replace(headers, "If-Match", request.etag.c_str());
    return message;
}

Result<RangeAnswer> judge_answer(SoupMessage *message, const RangeRequest &request)
{
    switch (soup_message_get_status(message)) {
    case SOUP_STATUS_PARTIAL_CONTENT:
        return judge_part(message, request);
    case SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE:
        return judge_past_end(message, request);
    case SOUP_STATUS_OK:
        if (auto same = judge_etag(header(message, "ETag"), request);
            !same && same.error().code == ErrorCode::conflict)
            return fail(std::move(same.error()));
        return breaks_rules("the origin ignores Range and sends the whole original");
    default:
        return fail(refusal(message));
    }
}

} // namespace butaca::source
