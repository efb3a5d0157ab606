// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/address.h"

#include <algorithm>

#include "src/base/gobject.h"

namespace butaca::source {
namespace {

constexpr std::size_t max_location_length = 4096;
constexpr std::size_t max_ticket_length = 8192;
constexpr std::size_t max_replicas = 16;
constexpr std::size_t digest_length = 64;

tl::unexpected<Error> bad(std::string_view why)
{
    return fail(ErrorCode::invalid_argument, "the address of the original is not valid", std::string(why));
}

bool is_visible_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_host(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return g_ascii_isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':';
    });
}

// The digest that the path names, or nothing.
std::string digest_of(std::string_view path)
{
    constexpr std::string_view before = "/items/";
    constexpr std::string_view after = "/bytes";
    if (path.size() < before.size() + digest_length + after.size() || !path.ends_with(after))
        return {};
    path.remove_suffix(after.size());
    std::string digest(path.substr(path.size() - digest_length));
    path.remove_suffix(digest_length);
    if (!path.ends_with(before) ||
        !std::all_of(digest.begin(), digest.end(), [](char c) { return g_ascii_isxdigit(c); }))
        return {};
    std::transform(digest.begin(), digest.end(), digest.begin(), g_ascii_tolower);
    return digest;
}

Result<std::string> host_and_port(GUri *uri, unsigned default_port)
{
    const char *host = g_uri_get_host(uri);
    if (!host || !is_host(host))
        return bad("the host is missing or has odd characters");
    if (g_uri_get_userinfo(uri))
        return bad("user names do not belong into the address; use the ticket");
    int port = g_uri_get_port(uri);
    if (port == 0)
        return bad("port 0");
    std::string name = std::string_view(host).find(':') == std::string_view::npos
                           ? std::string(host)
                           : "[" + std::string(host) + "]";
    return name + ":" + std::to_string(port < 0 ? default_port : static_cast<unsigned>(port));
}

Result<Owned<GUri>> parse(std::string_view text)
{
    if (text.size() > max_location_length || !is_visible_ascii(text))
        return bad("too long, or with spaces or characters outside ASCII");
    Owned<GError> error;
    Owned<GUri> uri = adopt(g_uri_parse(std::string(text).c_str(), G_URI_FLAGS_ENCODED, Out(error)));
    if (!uri)
        return bad(error ? error->message : "not a URI");
    return uri;
}

} // namespace

Result<Address> parse_location(std::string_view location, std::string_view scheme, unsigned default_port)
{
    auto uri = parse(location);
    if (!uri)
        return fail(std::move(uri.error()));
    GUri *parts = uri->get();
    if (scheme != g_uri_get_scheme(parts))
        return bad("expected " + std::string(scheme) + "://");
    if (g_uri_get_query(parts) || g_uri_get_fragment(parts))
        return bad("an original has neither query nor fragment");
    std::string path = g_uri_get_path(parts);
    if (!path.starts_with('/') || path.size() < 2)
        return bad("the path is missing");
    auto host = host_and_port(parts, default_port);
    if (!host)
        return fail(std::move(host.error()));
    std::string digest = digest_of(path);
    return Address{{std::move(*host)}, std::move(path), std::move(digest)};
}

Result<std::vector<std::string>> parse_replicas(std::string_view replicas, unsigned default_port)
{
    std::vector<std::string> hosts;
    while (!replicas.empty()) {
        std::size_t comma = std::min(replicas.find(','), replicas.size());
        std::string_view one = replicas.substr(0, comma);
        replicas.remove_prefix(std::min(comma + 1, replicas.size()));
        while (one.starts_with(' '))
            one.remove_prefix(1);
        while (one.ends_with(' '))
            one.remove_suffix(1);
        if (one.empty())
            continue;
        if (one.find_first_of("/?#") != std::string_view::npos)
            return bad("a replica is host:port, without scheme or path");
        auto uri = parse("http://" + std::string(one));
        if (!uri)
            return fail(std::move(uri.error()));
        auto host = host_and_port(uri->get(), default_port);
        if (!host)
            return fail(std::move(host.error()));
        if (hosts.size() == max_replicas)
            return bad("more than 16 replicas");
        hosts.push_back(std::move(*host));
    }
    return hosts;
}

bool is_ticket(std::string_view text)
{
    return text.size() <= max_ticket_length && std::all_of(text.begin(), text.end(), [](char c) {
               return g_ascii_isalnum(c) || std::string_view("-._~+/=:").find(c) != std::string_view::npos;
           });
}

} // namespace butaca::source
