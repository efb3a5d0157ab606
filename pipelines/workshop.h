// SPDX-License-Identifier: LGPL-2.1-or-later
// Where jobs are done, one after the other: picks the maker and keeps the last original open for the next
// job. Belongs to the job's thread.
#pragma once

#include <memory>
#include <string>

#include "pipelines/bare_stream.h"
#include "pipelines/job.h"
#include "pipelines/packet_shelf.h"
#include "pipelines/segment_run.h"
#include "pipelines/video_maker.h"
#include "pipelines/warm_stream.h"
#include "src/media/subtitles.h"

namespace butaca::pipelines {

class Workshop {
public:
    // `activity` must outlive the workshop. `allow_files`: take jobs whose origin is a path on this machine.
    Workshop(Activity &activity, bool allow_files) : activity_(activity), allow_files_(allow_files) {}

    // Makes one segment, init segment or sheet. After a failure nothing is kept open.
    Result<MakingNotes> make(const Job &job, const SegmentOutput &output);

private:
    Result<MakingNotes> video(const Job &job, const SegmentOutput &output);
    Result<MakingNotes> sheet(const Job &job, const SegmentOutput &output);
    Result<MakingNotes> audio(const Job &job, const SegmentOutput &output);
    // The packets of an audio track that begin in a range of times.
    Result<std::vector<TimedSample>> packets(const Job &job, std::int64_t from_ns, std::int64_t to_ns);
    // What this graph describes stays open, all else is closed. True when it was open already.
    bool keep_open(const Graph &graph);
    void close();
    Result<WarmStream *> stream_for(const Graph &graph, const Origin &origin);
    // Of the decoded pictures.
    Result<WarmStream *> pictures_of(const Origin &origin);
    Result<PacketShelf *> shelf_for(const Graph &graph, const Origin &origin);
    // The cues to draw, null where there are none; they stay for the next job.
    Result<const media::Subtitles *> subtitles_for(const Burn &burn);
    Result<BareStream *> bare_for(const Graph &graph, const Origin &origin);

    Activity &activity_;
    bool allow_files_;
    std::string open_line_; // the launch line names what is open
    // At most one of these.
    std::unique_ptr<WarmStream> stream_;
    std::unique_ptr<PacketShelf> shelf_;
    std::unique_ptr<BareStream> bare_;
    std::string subtitles_path_; // names what they are
    std::unique_ptr<const media::Subtitles> subtitles_;
};

} // namespace butaca::pipelines
