// SPDX-License-Identifier: LGPL-2.1-or-later
// Turns "sheet n of these thumbnails" into what a worker is told.
#pragma once

#include <memory>

#include "src/playback/origins.h"
#include "src/playback/presentation.h"
#include "src/playback/segment_service.h"

namespace butaca::playback {

// The jobs of a presentation's thumbnails, which it must have. There is no init segment. `origins` must
// outlive them.
std::shared_ptr<const JobSource> thumbnail_jobs(std::shared_ptr<const Presentation> presentation,
                                                Origins &origins);

} // namespace butaca::playback
