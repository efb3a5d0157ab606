// SPDX-License-Identifier: LGPL-2.1-or-later
// From a job to its maker.
#include "pipelines/workshop.h"

#include "pipelines/elements.h"
#include "pipelines/video_graph.h"

namespace butaca::pipelines {

Result<MakingNotes> Workshop::make(const Job &job, const SegmentOutput &output)
{
    if (job.origin.scheme == "file" && !allow_files_)
        return fail(ErrorCode::forbidden, "this worker reads no files");
    auto notes = dispatch(job, output);
    if (!notes) {
        open_.reset();
        open_line_.clear();
    }
    return notes;
}

Result<MakingNotes> Workshop::dispatch(const Job &job, const SegmentOutput &output)
{
    if (job.is_video && !job.video.copy)
        return video(job, output);
    return fail(ErrorCode::unsupported, "not yet");
}

Result<WarmStream *> Workshop::stream_for(const Graph &graph, const Origin &origin)
{
    const std::string line = to_launch_line(graph);
    if (open_ && line == open_line_) {
        open_->set_ticket(origin.ticket);
        return open_.get();
    }
    open_.reset();
    open_line_.clear();
    auto opened = WarmStream::open(graph, activity_);
    if (!opened)
        return fail(std::move(opened.error()));
    open_ = std::move(*opened);
    open_line_ = line;
    return open_.get();
}

Result<MakingNotes> Workshop::video(const Job &job, const SegmentOutput &output)
{
    auto elements = stream_elements(job.origin.caps);
    if (!elements)
        return fail(std::move(elements.error()));
    auto stream = stream_for(video_decode_graph(job.origin, *elements), job.origin);
    if (!stream)
        return fail(std::move(stream.error()));
    return make_video(job, **stream, output, activity_);
}

} // namespace butaca::pipelines
