// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes one segment of encoded video. Belongs to the job's thread.
#pragma once

#include "pipelines/job.h"
#include "pipelines/making.h"
#include "pipelines/segment_run.h"
#include "pipelines/warm_stream.h"
#include "src/media/subtitles.h"

namespace butaca::pipelines {

// `frames` decodes the job's track. `unsupported` when not one frame of the segment can be decoded.
// `subtitles` are drawn into the pictures; null: none.
Result<MakingNotes> make_video(const Job &job, WarmStream &frames, const media::Subtitles *subtitles,
                               const SegmentOutput &output, Activity &activity);

} // namespace butaca::pipelines
