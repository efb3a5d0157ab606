// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/origins.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "src/base/breaker.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/http/client.h"
#include "src/playback/artefacts.h"

namespace butaca::playback {

namespace {

using media::Asset;
using AssetPtr = std::shared_ptr<const Asset>;

constexpr std::chrono::milliseconds poll_wait{25000};
constexpr std::chrono::milliseconds poll_timeout{35000};
constexpr std::chrono::milliseconds retry_soon{200};
// For the whole list; and for the changes since the last one, which are few.
constexpr std::chrono::milliseconds list_timeout{5000};
constexpr std::chrono::milliseconds probe_timeout{2000};
constexpr std::int64_t ticket_life_s = 6L * 3600;
constexpr std::size_t answer_limit_bytes = 64U << 20;

// "127.0.0.1:8081" of "http://127.0.0.1:8081/".
std::string host_of(const std::string &url)
{
    auto scheme = url.find("://");
    auto start = scheme == std::string::npos ? 0 : scheme + 3;
    return url.substr(start, url.find('/', start) - start);
}

// What is known of one host.
struct Host {
    OriginAddress address;
    std::string name; // host:port
    std::int64_t revision = 0;
    bool answered = false; // its list below is its own word, not just remembered
    bool doubted = false;  // a worker could not read from it, and it has not answered since
    std::map<std::string, AssetPtr> assets;
    Breaker breaker{{3, std::chrono::milliseconds(500), std::chrono::milliseconds(4000)}};
    std::unique_ptr<http::Client::Pending> poll;
    Timer again;
};

} // namespace

struct Origins::State {
    OriginSettings settings;
    Changed changed;
    http::Client client;
    std::vector<std::unique_ptr<Host>> hosts;
    Artefacts<media::PacketIndex> indexes;
    Artefacts<media::Subtitles> subtitles;
    Artefacts<media::Cover> covers;
    Artefacts<media::LoudnessReport> loudness;

    explicit State(const std::string &index_folder)
        : indexes(client, index_folder, ".idx"), subtitles(client, index_folder, ".sub"),
          covers(client, index_folder, ".cover"), loudness(client, index_folder, ".loudness")
    {
    }

    std::string ticket(const std::string &scope) const
    {
        return settings.key.sign("origin", scope, unix_now_s() + ticket_life_s);
    }
    http::Call call(const Host &host, const std::string &path, const std::string &scope) const
    {
        http::Call call;
        call.url = host.address.url + path;
        call.headers.set("Authorization", "Bearer " + ticket(scope));
        return call;
    }

    void poll(Host &host)
    {
        if (!host.breaker.allow()) {
            host.again.once(std::max(host.breaker.retry_after(), retry_soon), [this, &host] { poll(host); });
            return;
        }
        // While there is doubt, a plain answer is wanted at once, not a long wait.
        bool wait = host.answered && !host.doubted && host.breaker.state() == Breaker::State::closed;
        http::Call request = call(host,
                                  "/changes?since=" + std::to_string(host.answered ? host.revision : 0) +
                                      "&wait_ms=" + std::to_string(wait ? poll_wait.count() : 0),
                                  "*");
        request.timeout = wait ? poll_timeout : host.answered ? probe_timeout : list_timeout;
        request.body_limit_bytes = answer_limit_bytes;
        host.poll = client.send(std::move(request),
                                [this, &host](Result<http::Reply> reply) { polled(host, std::move(reply)); });
    }

    void polled(Host &host, Result<http::Reply> reply)
    {
        Status taken = reply ? take(host, *reply) : fail(reply.error());
        if (!taken) {
            bool was_closed = host.breaker.state() == Breaker::State::closed;
            host.breaker.failed();
            if (was_closed)
                log::warn(
                    "origin.unreachable",
                    {{"host", host.name},
                     {"why", taken.error().detail.empty() ? taken.error().message : taken.error().detail}});
        } else {
            if (host.breaker.state() != Breaker::State::closed)
                log::info("origin.back", {{"host", host.name}});
            host.breaker.succeeded();
            host.doubted = false;
        }
        // Never straight from the client's callback, or a host that answers at once would never let the loop
        // breathe.
        host.again.once(taken ? std::chrono::milliseconds(0) : retry_soon, [this, &host] { poll(host); });
    }

    // One answer to /changes: {revision, reset, items, removed}.
    Status take(Host &host, const http::Reply &reply)
    {
        if (reply.status != 200)
            return fail(ErrorCode::unavailable, "the origin refused",
                        "status " + std::to_string(reply.status));
        auto document = json::Value::parse(reply.body, {answer_limit_bytes, 16});
        if (!document)
            return fail(document.error());
        auto revision = (*document)["revision"].integer();
        if (!revision)
            return fail(ErrorCode::invalid_argument, "the origin's answer is malformed", "revision");
        auto items = (*document)["items"].items();
        auto removed = (*document)["removed"].items();
        bool first = !host.answered;
        if ((*document)["reset"].boolean_or(false) || first)
            host.assets.clear();
        for (const auto &item : items) {
            auto asset = media::asset_from_json(item);
            if (!asset) {
                log::warn("origin.item.malformed", {{"host", host.name}, {"why", asset.error().detail}});
                continue;
            }
            std::string digest = asset->digest;
            host.assets[digest] = std::make_shared<const Asset>(std::move(*asset));
        }
        for (const auto &digest : removed)
            host.assets.erase(digest.string_or(""));
        host.revision = *revision;
        host.answered = true;
        if (first || !items.empty() || !removed.empty())
            announce(host);
        return {};
    }

    void announce(const Host &host)
    {
        std::vector<AssetPtr> all;
        for (const auto &[digest, asset] : host.assets)
            all.push_back(asset);
        log::info("origin.catalogue", {{"host", host.name}, {"assets", all.size()}});
        changed(host.address, all);
    }

    // The request for something that was made of an asset, to a host that has it and answers.
    std::optional<http::Call> ask(const std::string &digest, const std::string &part) const
    {
        for (const auto &host : hosts) {
            if (!host->assets.contains(digest) || host->breaker.state() != Breaker::State::closed)
                continue;
            http::Call request =
                call(*host, std::string("/items/").append(digest).append("/").append(part), digest);
            request.timeout = std::chrono::milliseconds(20000);
            request.body_limit_bytes = answer_limit_bytes;
            return request;
        }
        return std::nullopt;
    }
};

Origins::Origins(OriginSettings settings, Changed changed)
    : state_(std::make_shared<State>(settings.index_folder))
{
    state_->settings = std::move(settings);
    state_->changed = std::move(changed);
    for (const auto &address : state_->settings.addresses) {
        auto host = std::make_unique<Host>();
        host->address = address;
        while (host->address.url.ends_with('/'))
            host->address.url.pop_back();
        host->name = host_of(address.url);
        state_->hosts.push_back(std::move(host));
    }
    for (auto &host : state_->hosts)
        state_->poll(*host);
}

Origins::~Origins() = default;

AssetPtr Origins::find(const std::string &digest) const
{
    for (const auto &host : state_->hosts)
        if (auto at = host->assets.find(digest); at != host->assets.end())
            return at->second;
    return nullptr;
}

bool Origins::complete() const
{
    return std::all_of(state_->hosts.begin(), state_->hosts.end(),
                       [](const auto &host) { return host->answered; });
}

Result<OriginRoute> Origins::route(const std::string &digest) const
{
    OriginRoute route;
    std::chrono::milliseconds soonest{0};
    bool known = false;
    for (const auto &host : state_->hosts) {
        if (!host->assets.contains(digest))
            continue;
        if (host->breaker.state() != Breaker::State::closed) {
            soonest = known ? std::min(soonest, host->breaker.retry_after()) : host->breaker.retry_after();
            known = true;
            continue;
        }
        if (!route.scheme.empty() && route.scheme != host->address.scheme)
            continue;
        route.scheme = host->address.scheme;
        route.hosts.push_back(host->name);
    }
    if (route.hosts.empty()) {
        if (!known)
            return fail(ErrorCode::not_found, "this title is not offered any more");
        Error error{ErrorCode::unavailable, "the server that holds this title does not answer just now",
                    "breaker open", static_cast<unsigned>(soonest.count() / 1000 + 1)};
        return fail(std::move(error));
    }
    route.ticket = state_->ticket(digest);
    return route;
}

void Origins::remember(const OriginAddress &origin, AssetPtr asset)
{
    for (auto &host : state_->hosts)
        if (!host->answered && host->address.scheme == origin.scheme && host->name == host_of(origin.url))
            host->assets.emplace(asset->digest, asset);
}

void Origins::index(const std::string &digest, GotIndex done)
{
    state_->indexes.get(
        digest, [state = state_.get(), digest] { return state->ask(digest, "index"); }, std::move(done));
}

void Origins::subtitles(const std::string &digest, const media::SubtitleTrack &track, GotSubtitles done)
{
    state_->subtitles.get(
        track.digest,
        [state = state_.get(), digest, part = "subtitles/" + std::to_string(track.index)] {
            return state->ask(digest, part);
        },
        std::move(done));
}

void Origins::loudness(const std::string &digest, GotLoudness done)
{
    state_->loudness.get(
        digest, [state = state_.get(), digest] { return state->ask(digest, "loudness"); },
        [done = std::move(done)](Result<std::shared_ptr<const media::LoudnessReport>> report) {
            constexpr unsigned soon_s = 10;
            if (!report && report.error().code == ErrorCode::timeout)
                return done(fail(Error{ErrorCode::unavailable,
                                       "how loud this title is is being measured; ask again in a moment", "",
                                       soon_s}));
            done(std::move(report));
        });
}

void Origins::cover(const media::Asset &asset, GotCover done)
{
    state_->covers.get(
        asset.cover, [state = state_.get(), digest = asset.digest] { return state->ask(digest, "cover"); },
        std::move(done));
}

std::string Origins::subtitles_path(const media::SubtitleTrack &track) const
{
    return state_->subtitles.path_of(track.digest);
}

void Origins::report(const std::vector<std::string> &hosts, bool delivered)
{
    for (auto &host : state_->hosts) {
        // A success through several replicas does not tell which one delivered.
        bool meant = std::find(hosts.begin(), hosts.end(), host->name) != hosts.end();
        if (!meant || (delivered && hosts.size() > 1) || host->breaker.state() != Breaker::State::closed)
            continue;
        delivered ? host->breaker.succeeded() : host->breaker.failed();
        // A long poll would tell only after half a minute that a silent host is silent.
        if (!delivered && !std::exchange(host->doubted, true)) {
            host->poll.reset();
            host->again.once(std::chrono::milliseconds(0),
                             [state = state_.get(), &host] { state->poll(*host); });
        }
    }
}

std::vector<Origins::Health> Origins::health() const
{
    std::vector<Health> all;
    for (const auto &host : state_->hosts) {
        auto state = host->breaker.state();
        all.push_back({host->address, host->answered && state == Breaker::State::closed, to_string(state),
                       host->assets.size()});
    }
    return all;
}

} // namespace butaca::playback
