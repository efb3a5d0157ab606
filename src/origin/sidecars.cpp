// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/sidecars.h"

#include <algorithm>

#include "src/base/log.h"
#include "src/origin/digest.h"
#include "src/origin/subtitles/sidecar_name.h"

namespace butaca::origin {

Sidecars::Sidecars(ProbeJob::Settings probe, const Store &store, Executor &disk,
                   std::function<void(const std::string &)> changed)
    : probe_settings_(std::move(probe)), store_(store), disk_(disk), changed_(std::move(changed))
{
}

void Sidecars::take_listing(const std::function<bool(const std::string &)> &in_scope,
                            const std::vector<Entry> &entries)
{
    std::set<std::string> seen;
    for (const Entry &entry : entries) {
        seen.insert(entry.path);
        auto known = files_.find(entry.path);
        if (!entry.trouble.empty() || (known != files_.end() && known->second.stamp == entry.stamp))
            continue;
        files_[entry.path].stamp = entry.stamp;
        if (std::find(queue_.begin(), queue_.end(), entry.path) == queue_.end())
            queue_.push_back(entry.path);
    }
    std::vector<std::string> gone;
    for (const auto &[path, file] : files_)
        if (!seen.contains(path) && in_scope(path))
            gone.push_back(path);
    for (const std::string &path : gone) {
        files_.erase(path);
        std::erase(queue_, path);
        changed_(path);
    }
    next();
}

std::vector<media::SubtitleTrack> Sidecars::tracks_for(const std::string &film_path) const
{
    std::vector<media::SubtitleTrack> tracks;
    std::string stem(film_path.substr(0, film_path.rfind('.') + 1));
    for (auto at = files_.lower_bound(stem); at != files_.end() && at->first.starts_with(stem); ++at) {
        auto named = sidecar_of(film_path, at->first);
        if (!named || !at->second.read)
            continue;
        media::SubtitleTrack track = at->second.track;
        track.language = named->language;
        track.name = named->name;
        track.forced = named->forced;
        track.hearing_impaired = named->hearing_impaired;
        track.is_default = named->is_default;
        tracks.push_back(std::move(track));
    }
    return tracks;
}

void Sidecars::next()
{
    if (reading_ || queue_.empty())
        return;
    reading_ = true;
    std::string path = std::move(queue_.front());
    queue_.pop_front();
    Stamp stamp = files_[path].stamp;
    auto open = [path, stamp] { return open_unchanged(path, stamp); };
    Status started = disk_.call<Result<int>>(
        open, [this, path, stamp](Result<int> fd) { opened(path, stamp, std::move(fd)); });
    if (!started)
        finished();
}

void Sidecars::opened(const std::string &path, const Stamp &stamp, Result<int> fd)
{
    // Not what it was when it was seen: the next look will tell.
    if (!fd)
        return finished();
    Fd owned(*fd);
    auto job = ProbeJob::start(
        probe_settings_, "--subtitles", owned.get(), stamp.size_bytes,
        [this, path, stamp](Result<ProbeReport> report) { examined(path, stamp, std::move(report)); });
    if (!job) {
        log::error("origin.subtitles.not_started", {{"detail", job.error().detail}});
        return finished();
    }
    job_ = std::move(*job);
}

void Sidecars::examined(const std::string &path, const Stamp &stamp, Result<ProbeReport> report)
{
    media::SubtitleTrack track;
    if (!report || report->subtitles.size() != 1) {
        track.decodable = false;
        track.format = "unknown";
        track.reason = report ? "the file could not be examined" : report.error().message;
        return keep(path, stamp, std::move(track));
    }
    track = report->asset.subtitles.front();
    if (track.digest.empty())
        return keep(path, stamp, std::move(track));
    auto save = [&store = store_, cues = std::move(report->subtitles.front())] {
        return store.save_cues(cues);
    };
    auto saved = [this, path, stamp, track](const Status &status) {
        if (status)
            return keep(path, stamp, track);
        log::error("origin.store.failed", {{"detail", status.error().detail}});
        finished();
    };
    if (!disk_.call<Status>(std::move(save), saved))
        finished();
}

void Sidecars::keep(const std::string &path, const Stamp &stamp, media::SubtitleTrack track)
{
    auto file = files_.find(path);
    if (file != files_.end() && file->second.stamp == stamp) {
        log::info("origin.subtitles.read", {{"file", file_name_of(path)},
                                            {"cues", track.cues},
                                            {"skipped", track.skipped},
                                            {"reason", track.reason}});
        file->second.track = std::move(track);
        file->second.read = true;
        changed_(path);
    }
    finished();
}

void Sidecars::finished()
{
    reading_ = false;
    // Not at once: this may run inside a call of the job itself.
    end_timer_.once(std::chrono::milliseconds(0), [this] {
        if (!reading_)
            job_.reset();
        next();
        if (idle() && became_idle_)
            became_idle_();
    });
}

} // namespace butaca::origin
