// SPDX-License-Identifier: LGPL-2.1-or-later
// The subtitle files that lie beside films: each is read once, in a child process, and again when it changes.
// Belongs to the main loop.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/executor.h"
#include "src/base/loop.h"
#include "src/origin/listing.h"
#include "src/origin/probe_child.h"
#include "src/origin/store.h"

namespace butaca::origin {

class Sidecars {
public:
    // `changed` is called with the path of a file that has come, changed or gone. `store` and `disk` outlive
    // this.
    Sidecars(ProbeJob::Settings probe, const Store &store, Executor &disk,
             std::function<void(const std::string &path)> changed);

    // All such files that lie at or below one of the scopes now; others there are gone.
    void take_listing(const std::function<bool(const std::string &)> &in_scope,
                      const std::vector<Entry> &entries);

    // The tracks of the files beside a film, without their numbers; only those that have been read.
    std::vector<media::SubtitleTrack> tracks_for(const std::string &film_path) const;

    // The chapters of the files beside a film, as they stand there; only those that have been read.
    std::vector<media::Chapter> chapters_for(const std::string &film_path) const;

    bool idle() const { return queue_.empty() && !reading_; }
    void on_idle(std::function<void()> work) { became_idle_ = std::move(work); }

private:
    struct File {
        Stamp stamp;
        bool read = false;                        // never for pictures, which are read with their index
        std::vector<media::SubtitleTrack> tracks; // what their cues tell; its name tells the rest
        std::vector<media::Chapter> chapters;     // where its name says that they may be some
    };
    struct Opened {
        Fd fd;
        Fd beside; // an index's pictures
    };
    void enqueue(const std::string &path);
    void next();
    void opened(const std::string &path, const Stamp &stamp, std::uint64_t size_bytes, Result<Opened> files);
    void examined(const std::string &path, const Stamp &stamp, Result<ProbeReport> report);
    void keep(const std::string &path, const Stamp &stamp, std::vector<media::SubtitleTrack> tracks,
              std::vector<media::Chapter> chapters = {});
    void finished();

    const ProbeJob::Settings probe_settings_;
    const Store &store_;
    Executor &disk_;
    const std::function<void(const std::string &)> changed_;
    std::function<void()> became_idle_;
    std::map<std::string, File> files_; // by path
    std::deque<std::string> queue_;
    bool reading_ = false;
    std::unique_ptr<ProbeJob> job_;
    Timer end_timer_;
};

} // namespace butaca::origin
