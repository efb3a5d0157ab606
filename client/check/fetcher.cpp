// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/fetcher.h"

#include <algorithm>
#include <array>

#include "src/base/loop.h"

namespace butaca::client::check {

namespace {

constexpr int redirects_most = 5;
constexpr int redirect_statuses[] = {301, 302, 303, 307, 308};

std::string trouble_of(const Error &error)
{
    return error.detail.empty() ? error.message : error.message + " (" + error.detail + ")";
}

} // namespace

struct Fetcher::Running {
    Wish wish;
    std::function<void(Fetched)> done;
    Fetched fetched;
    int redirects = 0;
    std::unique_ptr<http::Client::Pending> pending;
};

std::string Fetched::media_type() const
{
    std::string type(headers.get("Content-Type").value_or(""));
    type.resize(std::min(type.find_first_of("; \t"), type.size()));
    std::transform(type.begin(), type.end(), type.begin(), g_ascii_tolower);
    return type;
}

Fetcher::Fetcher(http::Headers headers, std::chrono::milliseconds timeout)
    : headers_(std::move(headers)), timeout_(timeout)
{
}

void Fetcher::fetch(Wish wish, std::function<void(Fetched)> done)
{
    auto one = std::make_shared<Running>();
    one->wish = std::move(wish);
    one->done = std::move(done);
    one->fetched.url = one->wish.url;
    running_[one.get()] = one;
    send(one);
}

void Fetcher::send(const std::shared_ptr<Running> &one)
{
    http::Call call;
    call.method = one->wish.method;
    call.url = one->fetched.url;
    call.headers = headers_;
    if (one->wish.gzip)
        call.headers.set("Accept-Encoding", "gzip");
    if (const Range &range = one->wish.range; range.size_bytes > 0)
        call.headers.set("Range", "bytes=" + std::to_string(range.offset) + "-" +
                                      std::to_string(range.offset + range.size_bytes - 1));
    call.timeout = timeout_;
    call.body_limit_bytes = one->wish.limit_bytes;
    // Weak: the call would keep itself alive.
    one->pending =
        client_.send(std::move(call), [this, weak = std::weak_ptr(one)](Result<http::Reply> reply) {
            if (const auto self = weak.lock())
                answered(self, std::move(reply));
        });
}

void Fetcher::answered(const std::shared_ptr<Running> &one, Result<http::Reply> reply)
{
    if (!reply) {
        one->fetched.trouble = trouble_of(reply.error());
        return end(one);
    }
    const auto location = reply->headers.get("Location");
    const bool redirect = std::find(std::begin(redirect_statuses), std::end(redirect_statuses),
                                    reply->status) != std::end(redirect_statuses);
    if (redirect && location && one->redirects++ < redirects_most) {
        if (const auto next = resolve(one->fetched.url, std::string(*location))) {
            if (one->fetched.redirect_to.empty())
                one->fetched.redirect_to = *next;
            one->fetched.url = *next;
            // Not from within the callback of the call that it replaces.
            return post([this, weak = std::weak_ptr(one)] {
                if (const auto self = weak.lock())
                    send(self);
            });
        }
    }
    one->fetched.status = reply->status;
    one->fetched.headers = std::move(reply->headers);
    one->fetched.body = std::move(reply->body);
    const std::string_view coding = one->fetched.headers.get("Content-Encoding").value_or("");
    if (one->wish.gzip && (coding == "gzip" || coding == "x-gzip")) {
        one->fetched.was_gzip = true;
        if (auto plain = gunzip(one->fetched.body, one->wish.limit_bytes)) {
            one->fetched.body = std::move(*plain);
        } else {
            one->fetched.status = 0;
            one->fetched.trouble = "gzip";
        }
    }
    end(one);
}

void Fetcher::end(const std::shared_ptr<Running> &one)
{
    // The caller may start others, or destroy us; and `one` may be what is erased.
    const auto done = std::move(one->done);
    Fetched fetched = std::move(one->fetched);
    running_.erase(one.get());
    done(std::move(fetched));
}

std::optional<std::string> resolve(const std::string &base, const std::string &reference)
{
    Owned<GError> error;
    const Owned<char> whole(
        g_uri_resolve_relative(base.c_str(), reference.c_str(), G_URI_FLAGS_ENCODED, Out(error)));
    if (!whole)
        return std::nullopt;
    const std::string url = whole.get();
    const Owned<GUri> parsed(g_uri_parse(url.c_str(), G_URI_FLAGS_ENCODED, nullptr));
    if (!parsed || !g_uri_get_host(parsed.get()) || !*g_uri_get_host(parsed.get()))
        return std::nullopt;
    const std::string_view scheme = g_uri_get_scheme(parsed.get());
    if (scheme != "http" && scheme != "https")
        return std::nullopt;
    return url;
}

std::optional<std::string> gunzip(std::string_view bytes, std::size_t limit_bytes)
{
    const auto decoder = adopt(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    std::string out;
    std::array<char, 16384> piece{};
    for (;;) {
        gsize read = 0;
        gsize written = 0;
        const GConverterResult result =
            g_converter_convert(G_CONVERTER(decoder.get()), bytes.data(), bytes.size(), piece.data(),
                                piece.size(), G_CONVERTER_INPUT_AT_END, &read, &written, nullptr);
        if (result == G_CONVERTER_ERROR || out.size() + written > limit_bytes)
            return std::nullopt;
        out.append(piece.data(), written);
        bytes.remove_prefix(read);
        if (result == G_CONVERTER_FINISHED)
            return out;
        if (read == 0 && written == 0)
            return std::nullopt;
    }
}

bool is_loopback(const std::string &url)
{
    const Owned<GUri> parsed(g_uri_parse(url.c_str(), G_URI_FLAGS_ENCODED, nullptr));
    const char *host = parsed ? g_uri_get_host(parsed.get()) : nullptr;
    if (!host)
        return false;
    const auto address = adopt(g_inet_address_new_from_string(host));
    return address ? g_inet_address_get_is_loopback(address.get()) != 0
                   : std::string_view(host) == "localhost";
}

} // namespace butaca::client::check
