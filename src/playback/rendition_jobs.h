// SPDX-License-Identifier: LGPL-2.1-or-later
// Turns "segment k of this rendition" into what a worker is told. The arithmetic is pure; only the route is
// looked up.
#pragma once

#include <memory>
#include <string>

#include "src/playback/origins.h"
#include "src/playback/presentation.h"
#include "src/playback/segment_service.h"

namespace butaca::playback {

// The jobs of one video or audio rendition of a presentation. `origins` must outlive them.
std::shared_ptr<const JobSource> video_jobs(std::shared_ptr<const Presentation> presentation,
                                            std::size_t position, Origins &origins);
// Those of its keyframes, which it must have.
std::shared_ptr<const JobSource> keyframe_jobs(std::shared_ptr<const Presentation> presentation,
                                               Origins &origins);
std::shared_ptr<const JobSource> audio_jobs(std::shared_ptr<const Presentation> presentation,
                                            std::size_t position, Origins &origins);

} // namespace butaca::playback
