// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes one sheet of small pictures. Belongs to the job's thread. One sheet and the frame that is being
// worked on are all that it holds.
#pragma once

#include "pipelines/job.h"
#include "pipelines/making.h"
#include "pipelines/segment_run.h"
#include "pipelines/warm_stream.h"

namespace butaca::pipelines {

// `frames` decodes the job's track. What a damaged source does not give stays black; `unsupported` when that
// is every picture. Gives the whole JPEG as one chunk.
Result<MakingNotes> make_sheet(const Job &job, WarmStream &frames, const SegmentOutput &output,
                               Activity &activity);

} // namespace butaca::pipelines
