// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/sidecars.h"

#include <algorithm>

#include "src/base/log.h"
#include "src/origin/chapters/chapter_file.h"
#include "src/origin/digest.h"
#include "src/origin/subtitles/read.h"
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
        enqueue(entry.path);
    }
    std::vector<std::string> gone;
    for (const auto &[path, file] : files_)
        if (!seen.contains(path) && in_scope(path))
            gone.push_back(path);
    for (const std::string &path : gone) {
        files_.erase(path);
        std::erase(queue_, path);
        enqueue(path);
        changed_(path);
    }
    next();
}

// What has to be read now that this file is new, changed or gone: itself, or the index that it belongs to.
void Sidecars::enqueue(const std::string &path)
{
    std::string index = index_beside(path);
    const std::string &wanted = index.empty() ? path : index;
    if (files_.contains(wanted) && std::find(queue_.begin(), queue_.end(), wanted) == queue_.end())
        queue_.push_back(wanted);
}

std::vector<media::SubtitleTrack> Sidecars::tracks_for(const std::string &film_path) const
{
    std::vector<media::SubtitleTrack> tracks;
    std::string stem(film_path.substr(0, film_path.rfind('.') + 1));
    for (auto at = files_.lower_bound(stem); at != files_.end() && at->first.starts_with(stem); ++at) {
        auto named = sidecar_of(film_path, at->first);
        if (!named || !at->second.read || holds_chapters(film_path, at->first))
            continue;
        for (media::SubtitleTrack track : at->second.tracks) {
            // An index of several languages says more than its name can.
            if (track.language.empty() || (at->second.tracks.size() == 1 && !named->language.empty()))
                track.language = named->language;
            if (track.name.empty())
                track.name = named->name;
            track.forced = named->forced;
            track.hearing_impaired = named->hearing_impaired;
            track.is_default = track.is_default || named->is_default;
            tracks.push_back(std::move(track));
        }
    }
    return tracks;
}

std::vector<media::Chapter> Sidecars::chapters_for(const std::string &film_path) const
{
    std::vector<media::Chapter> chapters;
    std::string stem(film_path.substr(0, film_path.rfind('.') + 1));
    for (auto at = files_.lower_bound(stem); at != files_.end() && at->first.starts_with(stem); ++at) {
        auto named = sidecar_of(film_path, at->first);
        if (!named || !holds_chapters(film_path, at->first))
            continue;
        for (media::Chapter chapter : at->second.chapters) {
            chapter.language = named->language;
            chapters.push_back(std::move(chapter));
        }
    }
    return chapters;
}

void Sidecars::next()
{
    if (reading_ || queue_.empty())
        return;
    reading_ = true;
    std::string path = std::move(queue_.front());
    queue_.pop_front();
    Stamp stamp = files_[path].stamp;
    std::string beside = pictures_beside(path);
    auto pictures = beside.empty() ? files_.end() : files_.find(beside);
    Stamp beside_stamp = pictures != files_.end() ? pictures->second.stamp : Stamp();
    if (pictures == files_.end())
        beside.clear();
    auto open = [path, stamp, beside, beside_stamp]() -> Result<Opened> {
        auto fd = open_unchanged(path, stamp);
        if (!fd)
            return fail(fd.error());
        Opened files{Fd(*fd), {}};
        auto beside_fd = beside.empty() ? Result<int>(-1) : open_unchanged(beside, beside_stamp);
        if (!beside_fd)
            return fail(beside_fd.error());
        files.beside = Fd(*beside_fd);
        return files;
    };
    std::uint64_t size_bytes = stamp.size_bytes + beside_stamp.size_bytes;
    auto go_on = [this, path, stamp, size_bytes](Result<Opened> files) {
        opened(path, stamp, size_bytes, std::move(files));
    };
    Status started = disk_.call<Result<Opened>>(open, go_on);
    if (!started)
        finished();
}

void Sidecars::opened(const std::string &path, const Stamp &stamp, std::uint64_t size_bytes,
                      Result<Opened> files)
{
    // Not what it was when it was seen: the next look will tell.
    if (!files)
        return finished();
    auto job = ProbeJob::start(
        probe_settings_, "--subtitles", {files->fd.get(), files->beside.get()}, size_bytes,
        [this, path, stamp](Result<ProbeReport> report) { examined(path, stamp, std::move(report)); });
    if (!job) {
        log::error("origin.subtitles.not_started", {{"detail", job.error().detail}});
        return finished();
    }
    job_ = std::move(*job);
}

void Sidecars::examined(const std::string &path, const Stamp &stamp, Result<ProbeReport> report)
{
    if (!report || report->subtitles.empty()) {
        media::SubtitleTrack track;
        track.decodable = false;
        track.format = "unknown";
        track.reason = report ? "the file could not be examined" : report.error().message;
        return keep(path, stamp, {track});
    }
    std::vector<media::Chapter> chapters;
    if (may_hold_chapters(path))
        if (auto cues = media::Subtitles::parse(report->subtitles.front()))
            chapters = chapters_from_cues(*cues);
    auto save = [&store = store_, tracks = std::move(report->subtitles)]() -> Status {
        for (const std::string &cues : tracks)
            if (!cues.empty())
                if (Status saved = store.save_cues(cues); !saved)
                    return saved;
        return {};
    };
    auto saved = [this, path, stamp, tracks = std::move(report->asset.subtitles),
                  chapters = std::move(chapters)](const Status &status) {
        if (status)
            return keep(path, stamp, tracks, chapters);
        log::error("origin.store.failed", {{"detail", status.error().detail}});
        finished();
    };
    if (!disk_.call<Status>(std::move(save), saved))
        finished();
}

void Sidecars::keep(const std::string &path, const Stamp &stamp, std::vector<media::SubtitleTrack> tracks,
                    std::vector<media::Chapter> chapters)
{
    auto file = files_.find(path);
    if (file != files_.end() && file->second.stamp == stamp) {
        for (const auto &track : tracks)
            log::info("origin.subtitles.read", {{"file", file_name_of(path)},
                                                {"cues", track.cues},
                                                {"skipped", track.skipped},
                                                {"reason", track.reason}});
        file->second.tracks = std::move(tracks);
        file->second.chapters = std::move(chapters);
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
