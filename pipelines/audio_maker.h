// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes one segment of encoded audio. Decoder, resampler and encoder are fresh for every segment, for all of
// them keep state that never quite fades. Belongs to the job's thread.
#pragma once

#include <span>

#include "pipelines/audio_plan.h"
#include "pipelines/job.h"
#include "pipelines/making.h"
#include "pipelines/segment_run.h"
#include "pipelines/warm_stream.h"

namespace butaca::pipelines {

// What the installed encoder for this job's codec says of itself.
Result<EncoderDelay> encoder_delay(const AudioJob &audio);

// `packets`: those that begin within the plan's range, from the demuxer or parser. None at all make silence.
Result<MakingNotes> make_audio(const Job &job, const AudioPlan &plan, std::span<const TimedSample> packets,
                               const SegmentOutput &output, Activity &activity);

} // namespace butaca::pipelines
