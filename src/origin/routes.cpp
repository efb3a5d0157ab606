// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/routes.h"

#include <algorithm>

#include "src/base/encoding.h"
#include "src/base/json.h"
#include "src/http/range.h"
#include "src/origin/digest.h"

namespace butaca::origin {

namespace {

constexpr std::int64_t wait_most_ms = 30'000;
constexpr std::size_t waiters_most = 256;

std::string quoted(const std::string &text) { return '"' + text + '"'; }

void write_items(json::Writer &writer, const std::vector<const media::Asset *> &items)
{
    writer.key("items").begin_array();
    for (const media::Asset *asset : items)
        media::write_json(writer, *asset);
    writer.end_array();
}

// A query's whole number, or nothing when it is no such.
std::optional<std::uint64_t> query_number(const http::Request &request, std::string_view name,
                                          std::uint64_t fallback)
{
    auto found = request.query.find(name);
    return found == request.query.end() ? fallback : to_integer<std::uint64_t>(found->second);
}

} // namespace

// One long poll.
struct Routes::Waiter {
    explicit Waiter(http::Responder given) : responder(std::move(given)) {}
    http::Responder responder;
    std::uint64_t since = 0;
    Timer timer;
};

Status check_ticket(const SigningKey &key, const http::Request &request, std::string_view digest,
                    std::int64_t now_s)
{
    constexpr std::string_view scheme = "Bearer ";
    auto header = request.headers.get("Authorization");
    // The scheme's name compares without regard to case (RFC 9110, 11.1).
    if (!header || header->size() <= scheme.size() ||
        g_ascii_strncasecmp(header->data(), scheme.data(), scheme.size()) != 0)
        return fail(ErrorCode::unauthenticated, "a ticket is needed");
    Result<std::string> payload = key.verify(ticket_purpose, header->substr(scheme.size()), now_s);
    if (!payload)
        return fail(std::move(payload.error()));
    if (*payload != "*" && (digest.empty() || *payload != digest))
        return fail(ErrorCode::forbidden, "the ticket is for something else");
    return {};
}

Routes::Routes(const SigningKey &key, Catalogue &catalogue, Scanner &scanner, const Store &store,
               ProbeJob::Settings probe)
    : key_(key), catalogue_(catalogue), scanner_(scanner), store_(store),
      measuring_(std::move(probe), store, disk_)
{
    catalogue_.on_change([this] { wake(); });
}

Routes::~Routes() { catalogue_.on_change({}); }

std::vector<http::Route> Routes::table()
{
    using http::Request;
    using Shared = std::shared_ptr<const Request>;
    using http::Responder;
    auto plain = [this](Result<http::Response> (Routes::*method)(const Request &) const) {
        return http::Handler([this, method](const Request &request) { return (this->*method)(request); });
    };
    auto later = [this](void (Routes::*method)(const Shared &, const Responder &)) {
        return http::AsyncHandler([this, method](const Shared &request, const Responder &responder) {
            (this->*method)(request, responder);
        });
    };
    return {
        {"GET", "/healthz", plain(&Routes::health)},
        {"GET", "/catalogue", plain(&Routes::catalogue)},
        {"GET", "/changes", http::AsyncHandler([this](const Shared &request, const Responder &responder) {
             changes(*request, responder);
         })},
        {"GET", "/items/{digest}", plain(&Routes::item)},
        {"GET", "/items/{digest}/index", later(&Routes::index)},
        {"GET", "/items/{digest}/subtitles/{n}", later(&Routes::subtitles)},
        {"GET", "/items/{digest}/cover", later(&Routes::cover)},
        {"GET", "/items/{digest}/loudness", later(&Routes::loudness)},
        {"GET", "/items/{digest}/bytes", later(&Routes::bytes)},
    };
}

Result<http::Response> Routes::health(const http::Request &) const
{
    json::Writer writer;
    writer.begin_object().member("status", "ok").member("idle", scanner_.idle());
    writer.member("items", static_cast<std::uint64_t>(catalogue_.all().size())).end_object();
    return http::Response::json(200, writer.take());
}

Result<http::Response> Routes::catalogue(const http::Request &request) const
{
    if (Status allowed = check_ticket(key_, request, {}, unix_now_s()); !allowed)
        return fail(std::move(allowed.error()));
    json::Writer writer;
    writer.begin_object().member("revision", catalogue_.revision());
    write_items(writer, catalogue_.all());
    writer.end_object();
    return http::serve_bytes(request, http::share_bytes(writer.take()),
                             quoted(std::to_string(catalogue_.revision())), "application/json");
}

http::Response Routes::answer(const Catalogue::Changes &changes) const
{
    json::Writer writer;
    writer.begin_object().member("revision", changes.revision).member("reset", changes.reset);
    write_items(writer, changes.items);
    writer.key("removed").begin_array();
    for (const std::string &digest : changes.removed)
        writer.value(digest);
    writer.end_array().end_object();
    return http::Response::json(200, writer.take());
}

void Routes::changes(const http::Request &request, const http::Responder &responder)
{
    if (Status allowed = check_ticket(key_, request, {}, unix_now_s()); !allowed)
        return responder.respond(allowed.error());
    auto since = query_number(request, "since", 0);
    auto wait_ms = query_number(request, "wait_ms", 0);
    if (!since || !wait_ms)
        return responder.respond(
            Error{ErrorCode::invalid_argument, "since and wait_ms have to be whole numbers", {}, 0});
    if (*since != catalogue_.revision() || *wait_ms == 0 || waiters_.size() >= waiters_most)
        return responder.respond(answer(catalogue_.changes(*since)));
    waiters_.push_back(std::make_unique<Waiter>(responder));
    Waiter *waiter = waiters_.back().get();
    waiter->since = *since;
    auto leave = [this, waiter] {
        std::erase_if(waiters_, [&](const auto &other) { return other.get() == waiter; });
    };
    auto wait = std::chrono::milliseconds(std::min<std::uint64_t>(*wait_ms, wait_most_ms));
    waiter->timer.once(wait, [this, waiter, leave] {
        http::Responder last = waiter->responder;
        http::Response response = answer(catalogue_.changes(waiter->since));
        leave();
        last.respond(std::move(response));
    });
    responder.on_gone(leave);
}

void Routes::wake()
{
    auto waiters = std::exchange(waiters_, {});
    for (const auto &waiter : waiters)
        waiter->responder.respond(answer(catalogue_.changes(waiter->since)));
}

// The asset that the path names, for someone who may see it.
Result<const media::Asset *> Routes::find(const http::Request &request) const
{
    auto digest = request.params.find("digest");
    if (digest == request.params.end() || !is_digest(digest->second))
        return fail(ErrorCode::not_found, "there is no such item");
    if (Status allowed = check_ticket(key_, request, digest->second, unix_now_s()); !allowed)
        return fail(std::move(allowed.error()));
    const media::Asset *asset = catalogue_.find(digest->second);
    if (!asset)
        return fail(ErrorCode::not_found, "there is no such item");
    return asset;
}

Result<http::Response> Routes::item(const http::Request &request) const
{
    Result<const media::Asset *> asset = find(request);
    if (!asset)
        return fail(std::move(asset.error()));
    json::Writer writer;
    media::write_json(writer, **asset);
    return http::Response::json(200, writer.take());
}

// What the store keeps under a name of its own, which is its tag.
void Routes::send_kept(const std::shared_ptr<const http::Request> &request, const http::Responder &responder,
                       std::function<Result<std::string>()> load, const std::string &tag)
{
    auto loaded = [request, responder, tag](Result<std::string> bytes) {
        if (!bytes)
            return responder.respond(bytes.error());
        responder.respond(http::serve_bytes(*request, http::share_bytes(std::move(*bytes)), quoted(tag),
                                            "application/octet-stream"));
    };
    if (Status started = disk_.call<Result<std::string>>(std::move(load), loaded); !started)
        responder.respond(started.error());
}

void Routes::index(const std::shared_ptr<const http::Request> &request, const http::Responder &responder)
{
    Result<const media::Asset *> asset = find(*request);
    if (!asset)
        return responder.respond(asset.error());
    std::string digest = (*asset)->digest;
    send_kept(
        request, responder, [this, digest] { return store_.load_index(digest); }, digest + "-index");
}

void Routes::subtitles(const std::shared_ptr<const http::Request> &request, const http::Responder &responder)
{
    Result<const media::Asset *> asset = find(*request);
    if (!asset)
        return responder.respond(asset.error());
    auto number = to_integer<std::size_t>(request->params.find("n")->second);
    if (!number || *number >= (*asset)->subtitles.size() || (*asset)->subtitles[*number].digest.empty())
        return responder.respond(Error{ErrorCode::not_found, "there is no such subtitle track", {}, 0});
    std::string digest = (*asset)->subtitles[*number].digest;
    send_kept(
        request, responder, [this, digest] { return store_.load_cues(digest); }, digest);
}

void Routes::cover(const std::shared_ptr<const http::Request> &request, const http::Responder &responder)
{
    Result<const media::Asset *> asset = find(*request);
    if (!asset)
        return responder.respond(asset.error());
    std::string digest = (*asset)->cover;
    if (digest.empty())
        return responder.respond(Error{ErrorCode::not_found, "it came without a picture", {}, 0});
    send_kept(
        request, responder, [this, digest] { return store_.load_cover(digest); }, digest);
}

void Routes::loudness(const std::shared_ptr<const http::Request> &request, const http::Responder &responder)
{
    Result<const media::Asset *> asset = find(*request);
    if (!asset)
        return responder.respond(asset.error());
    measuring_.get((*asset)->digest, files_of((*asset)->digest), [responder](Result<std::string> text) {
        text ? responder.respond(http::Response::json(200, std::move(*text)))
             : responder.respond(text.error());
    });
}

// Where the asset lies, and what each file was like when it was read.
std::map<std::string, Stamp> Routes::files_of(const std::string &digest) const
{
    std::map<std::string, Stamp> files;
    for (const std::string &path : scanner_.library().paths_of(digest))
        files[path] = scanner_.library().find(path)->stamp;
    return files;
}

void Routes::bytes(const std::shared_ptr<const http::Request> &request, const http::Responder &responder)
{
    Result<const media::Asset *> asset = find(*request);
    if (!asset)
        return responder.respond(asset.error());
    std::string digest = (*asset)->digest;
    const auto files = files_of(digest);
    struct Opened {
        std::shared_ptr<Fd> fd;
        std::uint64_t size_bytes = 0;
        std::vector<std::string> changed;
    };
    // Bytes that are not those of the digest are never sent: only a file that is as it was hashed will do.
    auto open = [files] {
        Opened opened;
        for (const auto &[path, stamp] : files) {
            Result<int> fd = open_unchanged(path, stamp);
            if (fd) {
                opened.fd = std::make_shared<Fd>(*fd);
                opened.size_bytes = stamp.size_bytes;
                break;
            }
            opened.changed.push_back(path);
        }
        return opened;
    };
    auto done = [this, request, responder, digest](const Opened &opened) {
        for (const std::string &path : opened.changed)
            scanner_.look_again(path);
        if (!opened.fd)
            return responder.respond(Error{ErrorCode::conflict, "the file is no longer what it was", {}, 0});
        responder.respond(http::serve_file(*request, opened.fd->release(), opened.size_bytes, quoted(digest),
                                           "application/octet-stream"));
    };
    if (Status started = disk_.call<Opened>(open, done); !started)
        responder.respond(started.error());
}

} // namespace butaca::origin
