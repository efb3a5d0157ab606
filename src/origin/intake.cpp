// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/intake.h"

#include <algorithm>

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/media/index.h"
#include "src/origin/digest.h"

namespace butaca::origin {

Intake::Intake(ProbeJob::Settings probe, Policy policy, const Store &store, Catalogue &catalogue,
               Executor &disk, Calls calls)
    : probe_settings_(std::move(probe)), policy_(std::move(policy)), store_(store), catalogue_(catalogue),
      disk_(disk), calls_(std::move(calls))
{
}

Intake::~Intake() { stop_ = true; }

void Intake::add(Entry entry)
{
    queue_.push_back(std::move(entry));
    next();
}

bool Intake::holds(const std::string &path) const
{
    // Should a file change while it is read, that is noticed at the end of the reading.
    return (reading_ && path == reading_path_) ||
           std::any_of(queue_.begin(), queue_.end(), [&](const Entry &entry) { return entry.path == path; });
}

void Intake::next()
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

void Intake::digested(const Entry &entry, Result<Opened> opened)
{
    if (!opened) {
        ErrorCode code = opened.error().code;
        if (code == ErrorCode::conflict || code == ErrorCode::not_found || code == ErrorCode::cancelled)
            retry(entry);
        else {
            calls_.broken(entry, sha256_hex(entry.path), opened.error().message);
            finished();
        }
        return;
    }
    if (catalogue_.find(opened->digest)) {
        calls_.attach(entry, opened->digest);
        finished();
        return;
    }
    auto job = ProbeJob::start(probe_settings_, "--probe", {.fd = opened->fd->get()}, entry.stamp.size_bytes,
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

void Intake::probed(const Entry &entry, const Opened &opened, Result<ProbeReport> report)
{
    struct stat status {};
    if (fstat(opened.fd->get(), &status) != 0 || stamp_of(status) != entry.stamp) {
        retry(entry);
        return;
    }
    media::Asset asset;
    std::string index;
    Extras extras;
    if (report) {
        asset = std::move(report->asset);
        index = std::move(report->index);
        extras = {std::move(report->subtitles), std::move(report->cover)};
    } else {
        log::warn("origin.probe.failed", {{"detail", report.error().detail}});
        asset.broken = true;
        asset.reason = report.error().message;
        index = media::PacketIndex{}.serialize();
    }
    if (asset.broken)
        asset.kind = policy_.kind;
    bool other_kind = asset.kind != policy_.kind || (asset.broken && asset.kind == media::Kind::video);
    if (policy_.is_shared(file_name_of(entry.path)) && other_kind) {
        // The other origin's.
        calls_.attach(entry, "");
        finished();
        return;
    }
    asset.digest = opened.digest;
    publish(entry, std::move(asset), std::move(index), std::move(extras));
}

void Intake::publish(const Entry &entry, media::Asset asset, std::string index, Extras extras)
{
    asset.slug = slug_of(entry.path);
    asset.size_bytes = entry.stamp.size_bytes;
    auto shared = std::make_shared<media::Asset>(std::move(asset));
    // Not through this: the disk's thread may be at it when this goes.
    auto save = [&store = store_, shared, index = std::move(index), extras = std::move(extras)]() -> Status {
        // First, so that a record always finds what it names.
        if (!extras.cover.empty())
            if (auto saved = store.save_cover(extras.cover); !saved)
                return saved;
        for (const auto &cues : extras.subtitles)
            if (auto saved = cues.empty() ? Status() : store.save_cues(cues); !saved)
                return saved;
        return store.save_asset(*shared, index);
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
        calls_.attach(entry, digest);
        finished();
    };
    if (!disk_.call<Status>(std::move(save), saved))
        retry(entry);
}

// The file is not what it was when it was queued: from the start.
void Intake::retry(const Entry &entry)
{
    calls_.look_again(entry.path);
    finished();
}

void Intake::finished()
{
    reading_ = false;
    // Not at once: this may run inside a call of the probe itself.
    end_timer_.once(std::chrono::milliseconds(0), [this] {
        if (!reading_)
            probe_.reset();
        next();
        if (idle())
            calls_.idle();
    });
}

} // namespace butaca::origin
