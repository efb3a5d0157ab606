// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/scan.h"

#include <algorithm>

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/media/index.h"
#include "src/origin/digest.h"

namespace butaca::origin {

namespace {

// Revisions that may be published before the state is saved again.
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
      settler_(settings_.settle)
{
    auto watcher = Watcher::start(
        {[this](const std::string &path) { look_again(path); }, [this] { look_everywhere(); }});
    if (watcher)
        watcher_ = std::move(*watcher);
    else
        log::warn("origin.watch.failed", {{"detail", watcher.error().detail}});
    rescan_timer_.every(settings_.rescan, [this] { look_everywhere(); });
    look_everywhere();
}

Scanner::~Scanner() { stop_ = true; }

bool Scanner::idle() const
{
    return touched_.empty() && looks_ == 0 && settler_.empty() && queue_.empty() && !reading_;
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

void Scanner::look_at(std::set<std::string> paths)
{
    looks_++;
    auto list = [this, paths]() -> Listing {
        Listing all;
        for (const std::string &path : paths) {
            Listing listing = list_tree(root_of(path), path, settings_.policy);
            std::move(listing.entries.begin(), listing.entries.end(), std::back_inserter(all.entries));
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
    watch_folders(scopes, listing.folders);
    for (Entry &entry : settler_.take_settled(std::chrono::steady_clock::now()))
        queue_.push_back(std::move(entry));
    poll_settling();
    next();
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
    // Should it change while it is read, that is noticed at the end of the reading.
    if (reading_ && entry.path == reading_path_)
        return;
    bool queued = std::any_of(queue_.begin(), queue_.end(),
                              [&](const Entry &waiting) { return waiting.path == entry.path; });
    if (!queued)
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

void Scanner::next()
{
    if (reading_ || queue_.empty())
        return;
    reading_ = true;
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    reading_path_ = entry.path;
    auto read = [this, entry]() -> Result<Opened> {
        Result<int> fd = open_unchanged(entry.path, entry.stamp);
        if (!fd)
            return fail(std::move(fd.error()));
        auto owned = std::make_shared<Fd>(*fd);
        Result<std::string> digest = digest_file(owned->get(), entry.stamp, stop_);
        if (!digest)
            return fail(std::move(digest.error()));
        return Opened{*digest, owned};
    };
    Status started = heavy_.call<Result<Opened>>(
        read, [this, entry](Result<Opened> opened) { digested(entry, std::move(opened)); });
    if (!started)
        retry(entry);
}

void Scanner::digested(const Entry &entry, Result<Opened> opened)
{
    if (!opened) {
        ErrorCode code = opened.error().code;
        if (code == ErrorCode::conflict || code == ErrorCode::not_found || code == ErrorCode::cancelled)
            retry(entry);
        else {
            offer_broken(entry, sha256_hex(entry.path), opened.error().message);
            finished();
        }
        return;
    }
    if (catalogue_.find(opened->digest)) {
        attach(entry, opened->digest);
        finished();
        return;
    }
    auto job = ProbeJob::start(settings_.probe, opened->fd->get(), entry.stamp.size_bytes,
                               [this, entry, opened = *opened](Result<ProbeReport> report) {
                                   probed(entry, opened, std::move(report));
                               });
    if (!job) {
        log::error("origin.probe.not_started", {{"detail", job.error().detail}});
        retry(entry);
        return;
    }
    probe_ = std::move(*job);
}

void Scanner::probed(const Entry &entry, const Opened &opened, Result<ProbeReport> report)
{
    struct stat status {};
    if (fstat(opened.fd->get(), &status) != 0 || stamp_of(status) != entry.stamp) {
        retry(entry);
        return;
    }
    media::Asset asset;
    std::string index;
    if (report) {
        asset = std::move(report->asset);
        index = std::move(report->index);
    } else {
        log::warn("origin.probe.failed", {{"detail", report.error().detail}});
        asset.broken = true;
        asset.reason = report.error().message;
        index = media::PacketIndex{}.serialize();
    }
    if (asset.broken)
        asset.kind = settings_.policy.kind;
    bool other_kind =
        asset.kind != settings_.policy.kind || (asset.broken && asset.kind == media::Kind::video);
    if (settings_.policy.is_shared(file_name_of(entry.path)) && other_kind) {
        // The other origin's.
        attach(entry, "");
        finished();
        return;
    }
    asset.digest = opened.digest;
    publish(entry, std::move(asset), std::move(index));
}

void Scanner::publish(const Entry &entry, media::Asset asset, std::string index)
{
    asset.slug = slug_of(entry.path);
    asset.size_bytes = entry.stamp.size_bytes;
    auto shared = std::make_shared<media::Asset>(std::move(asset));
    auto save = [this, shared, index = std::move(index)]() -> Status {
        return store_.save_asset(*shared, index);
    };
    auto saved = [this, entry, shared](Status status) {
        if (!status) {
            log::error("origin.store.failed", {{"detail", status.error().detail}});
            retry(entry);
            return;
        }
        log::info("origin.asset.offered", {{"digest", shared->digest},
                                           {"slug", shared->slug},
                                           {"broken", shared->broken},
                                           {"reason", shared->reason},
                                           {"duration_ms", shared->duration_ns / 1'000'000}});
        std::string digest = shared->digest;
        catalogue_.put(std::move(*shared));
        attach(entry, digest);
        finished();
    };
    if (!disk_.call<Status>(std::move(save), saved))
        retry(entry);
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
    state_changed();
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

// The file is not what it was when it was queued: from the start.
void Scanner::retry(const Entry &entry)
{
    look_again(entry.path);
    finished();
}

void Scanner::finished()
{
    reading_ = false;
    // Not at once: this may run inside a call of the probe itself.
    probe_end_.once(std::chrono::milliseconds(0), [this] {
        if (!reading_)
            probe_.reset();
        next();
        if (idle() && became_idle_)
            became_idle_();
    });
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
