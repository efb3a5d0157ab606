// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/scan.h"

#include <algorithm>

#include "src/base/encoding.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/media/index.h"

namespace butaca::origin {

namespace {

// Revisions that may be published before the state is saved again.
constexpr std::size_t sidecar_tracks_most = 60; // of a film, with its own
constexpr std::uint64_t revision_reserve = 1'000'000;
constexpr std::chrono::milliseconds touch_delay{50};
constexpr std::chrono::milliseconds state_delay{1000};

bool is_at_or_below(const std::string &path, const std::string &scope)
{
    return path == scope ||
           (path.size() > scope.size() && path.starts_with(scope) && path[scope.size()] == '/');
}

bool in_scopes(const std::string &path, const std::set<std::string> &scopes)
{
    return std::any_of(scopes.begin(), scopes.end(),
                       [&](const std::string &scope) { return is_at_or_below(path, scope); });
}

} // namespace

Scanner::Scanner(Settings settings, const Store &store, Catalogue &catalogue, Library library)
    : settings_(std::move(settings)), store_(store), catalogue_(catalogue), library_(std::move(library)),
      settler_(settings_.settle),
      sidecars_(settings_.probe, store, disk_, [this](const std::string &path) { sidecar_changed(path); }),
      intake_(settings_.probe, settings_.policy, store, catalogue, disk_, intake_calls())
{
    sidecars_.on_idle([this] {
        if (idle() && became_idle_)
            became_idle_();
    });
    auto watcher = Watcher::start(
        {[this](const std::string &path) { look_again(path); }, [this] { look_everywhere(); }});
    if (watcher)
        watcher_ = std::move(*watcher);
    else
        log::warn("origin.watch.failed", {{"detail", watcher.error().detail}});
    rescan_timer_.every(settings_.rescan, [this] { look_everywhere(); });
    look_everywhere();
}

Scanner::~Scanner() = default;

Intake::Calls Scanner::intake_calls()
{
    Intake::Calls calls;
    calls.attach = [this](const Entry &entry, const std::string &digest) { attach(entry, digest); };
    calls.broken = [this](const Entry &entry, const std::string &digest, const std::string &reason) {
        offer_broken(entry, digest, reason);
    };
    calls.look_again = [this](const std::string &path) { look_again(path); };
    calls.idle = [this] {
        if (idle() && became_idle_)
            became_idle_();
    };
    return calls;
}

bool Scanner::idle() const
{
    return touched_.empty() && looks_ == 0 && settler_.empty() && sidecars_.idle() && intake_.idle();
}

void Scanner::look_everywhere() { look_at({settings_.folders.begin(), settings_.folders.end()}); }

void Scanner::look_again(const std::string &path)
{
    touched_.insert(path);
    // Gathered, so that both halves of a rename are seen together. Not restarted: a file that is being
    // written must not keep the others waiting.
    if (!touch_timer_.running())
        touch_timer_.once(touch_delay, [this] { look_at(std::exchange(touched_, {})); });
}

const std::string &Scanner::root_of(const std::string &path) const
{
    for (const std::string &folder : settings_.folders) {
        if (is_at_or_below(path, folder))
            return folder;
    }
    return settings_.folders.front();
}

void Scanner::look_at(const std::set<std::string> &paths)
{
    looks_++;
    auto list = [this, paths]() -> Listing {
        Listing all;
        for (const std::string &path : paths) {
            Listing listing = list_tree(root_of(path), path, settings_.policy);
            std::move(listing.entries.begin(), listing.entries.end(), std::back_inserter(all.entries));
            std::move(listing.subtitles.begin(), listing.subtitles.end(), std::back_inserter(all.subtitles));
            std::move(listing.folders.begin(), listing.folders.end(), std::back_inserter(all.folders));
        }
        return all;
    };
    Status started = disk_.call<Listing>(
        list, [this, paths](Listing listing) { take_listing(paths, std::move(listing)); });
    if (!started)
        looks_--;
}

void Scanner::take_listing(const std::set<std::string> &scopes, Listing listing)
{
    looks_--;
    std::set<std::string> seen;
    for (Entry &entry : listing.entries) {
        seen.insert(entry.path);
        see(std::move(entry));
    }
    drop_missing(scopes, seen);
    sidecars_.take_listing([&scopes](const std::string &path) { return in_scopes(path, scopes); },
                           listing.subtitles);
    watch_folders(scopes, listing.folders);
    for (Entry &entry : settler_.take_settled(std::chrono::steady_clock::now()))
        intake_.add(std::move(entry));
    poll_settling();
    if (idle() && became_idle_)
        became_idle_();
}

void Scanner::watch_folders(const std::set<std::string> &scopes, const std::vector<std::string> &folders)
{
    if (!watcher_)
        return;
    std::set<std::string> present(folders.begin(), folders.end());
    std::erase_if(watched_, [&](const std::string &folder) {
        return in_scopes(folder, scopes) && !present.contains(folder);
    });
    for (const std::string &folder : present) {
        if (!watched_.insert(folder).second)
            continue;
        watcher_->add(folder);
        // What came between the listing and the watch has been seen by neither.
        look_again(folder);
    }
}

void Scanner::see(Entry entry)
{
    const KnownFile *known = library_.find(entry.path);
    if (known && known->stamp == entry.stamp) {
        settler_.forget(entry.path);
        return;
    }
    if (!entry.trouble.empty()) {
        offer_broken(entry, sha256_hex(entry.path), entry.trouble);
        return;
    }
    if (auto digest = library_.digest_of_same(entry.stamp); digest && catalogue_.find(*digest)) {
        attach(entry, *digest);
        return;
    }
    if (!intake_.holds(entry.path))
        settler_.observe(std::move(entry), std::chrono::steady_clock::now());
}

void Scanner::drop_missing(const std::set<std::string> &scopes, const std::set<std::string> &seen)
{
    std::vector<std::string> missing;
    for (const auto &[path, file] : library_.files()) {
        if (!seen.contains(path) && in_scopes(path, scopes))
            missing.push_back(path);
    }
    for (const std::string &path : missing)
        detach(path);
    for (const std::string &path : settler_.paths()) {
        if (!seen.contains(path) && in_scopes(path, scopes))
            settler_.forget(path);
    }
}

// Files that wait to settle are looked at again and again until they have.
void Scanner::poll_settling()
{
    if (settler_.empty() || settle_timer_.running())
        return;
    auto period = std::max(std::chrono::milliseconds(20), settings_.settle / 4);
    settle_timer_.once(period, [this] {
        auto paths = settler_.paths();
        if (!paths.empty())
            look_at({paths.begin(), paths.end()});
    });
}

// A file without readable bytes has an entry too, so that people learn why it does not play.
void Scanner::offer_broken(const Entry &entry, const std::string &digest, const std::string &reason)
{
    bool known = catalogue_.find(digest);
    attach(entry, digest);
    if (known)
        return;
    media::Asset asset;
    asset.digest = digest;
    asset.kind = settings_.policy.kind;
    asset.slug = slug_of(entry.path);
    asset.broken = true;
    asset.reason = reason;
    log::info("origin.asset.broken", {{"slug", asset.slug}, {"reason", reason}});
    auto save = [this, asset]() -> Status {
        return store_.save_asset(asset, media::PacketIndex{}.serialize());
    };
    if (!disk_.call<Status>(save, [](const Status &) {}))
        log::warn("origin.store.busy");
    catalogue_.put(std::move(asset));
}

void Scanner::attach(const Entry &entry, const std::string &digest)
{
    const KnownFile *known = library_.find(entry.path);
    if (known && known->digest != digest)
        detach(entry.path);
    library_.attach(entry.path, entry.stamp, digest);
    settler_.forget(entry.path);
    gather_subtitles(digest);
    state_changed();
}

// A subtitle file came, changed or went: every film beside it whose name it begins with.
void Scanner::sidecar_changed(const std::string &path)
{
    std::set<std::string> digests;
    auto name = path.rfind('/') + 1;
    for (auto dot = path.rfind('.'); dot != std::string::npos && dot > name; dot = path.rfind('.', dot - 1)) {
        std::string stem = path.substr(0, dot + 1);
        const auto &files = library_.files();
        for (auto at = files.lower_bound(stem); at != files.end() && at->first.starts_with(stem); ++at)
            digests.insert(at->second.digest);
    }
    for (const std::string &digest : digests)
        gather_subtitles(digest);
}

// The tracks of the file itself, then those of the files beside it; and chapters that lie there.
void Scanner::gather_subtitles(const std::string &digest)
{
    const media::Asset *known = catalogue_.find(digest);
    if (!known || known->broken || settings_.policy.kind != media::Kind::video)
        return;
    media::Asset asset = *known;
    std::erase_if(asset.subtitles, [](const auto &track) { return track.source.pad.empty(); });
    std::vector<media::Chapter> chapters;
    for (const std::string &path : library_.paths_of(digest)) {
        for (auto &track : sidecars_.tracks_for(path)) {
            if (asset.subtitles.size() >= sidecar_tracks_most)
                break;
            track.index = static_cast<unsigned>(asset.subtitles.size());
            asset.subtitles.push_back(std::move(track));
        }
        auto more = sidecars_.chapters_for(path);
        chapters.insert(chapters.end(), more.begin(), more.end());
    }
    auto mended = media::mend_chapters(std::move(chapters), asset.duration_ns);
    if (mended.mended + mended.dropped > 0)
        log::info("origin.chapters.mended",
                  {{"digest", digest}, {"mended", mended.mended}, {"dropped", mended.dropped}});
    asset.chapters_beside = std::move(mended.chapters);
    json::Writer before;
    json::Writer after;
    media::write_json(before, *known);
    media::write_json(after, asset);
    if (before.take() != after.take())
        catalogue_.put(std::move(asset));
}

void Scanner::detach(const std::string &path)
{
    const KnownFile *known = library_.find(path);
    if (!known)
        return;
    std::string digest = known->digest;
    if (library_.detach(path)) {
        log::info("origin.asset.gone", {{"digest", digest}});
        catalogue_.remove(digest);
        auto forget = [this, digest] { store_.remove_asset(digest); };
        if (!disk_.run(forget, {}))
            log::warn("origin.store.busy");
    }
    state_changed();
}

State Scanner::state_now(std::uint64_t revision) const { return {revision, library_.files()}; }

void Scanner::state_changed()
{
    if (state_timer_.running())
        return;
    state_timer_.once(state_delay, [this] {
        auto save = [this, state = state_now(catalogue_.revision() + revision_reserve)]() -> Status {
            return store_.save_state(state);
        };
        auto saved = [](const Status &status) {
            if (!status)
                log::error("origin.state.not_saved", {{"detail", status.error().detail}});
        };
        if (!disk_.call<Status>(save, saved))
            log::warn("origin.store.busy");
    });
}

void Scanner::save_state()
{
    state_timer_.stop();
    if (Status saved = store_.save_state(state_now(catalogue_.revision())); !saved)
        log::error("origin.state.not_saved", {{"detail", saved.error().detail}});
}

} // namespace butaca::origin
