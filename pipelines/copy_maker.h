// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes one segment of packets taken as they are, on the timeline's own times. Belongs to the job's thread.
#pragma once

#include <span>

#include "pipelines/job.h"
#include "pipelines/making.h"
#include "pipelines/segment_run.h"
#include "pipelines/warm_stream.h"

namespace butaca::pipelines {

// `packets` gives the job's track, parsed. `unsupported` when a packet is missing: a copy cannot be mended.
Result<MakingNotes> copy_video(const Job &job, WarmStream &packets, const SegmentOutput &output,
                               Activity &activity);

// `packets`: at least the job's, in order. Errors as above.
Result<MakingNotes> copy_audio(const Job &job, std::span<const TimedSample> packets,
                               const SegmentOutput &output, Activity &activity);

} // namespace butaca::pipelines
