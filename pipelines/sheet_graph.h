// SPDX-License-Identifier: LGPL-2.1-or-later
// Graphs that make a sheet of small pictures. Pure.
#pragma once

#include "pipelines/graph.h"
#include "pipelines/job.h"

namespace butaca::pipelines {

// feed ! (upright) ! videoconvert ! butacascale ! shape ! videoconvert ! sink: one I420 picture of a tile's
// size in BT.709 for each that is fed. `shape` is a capsfilter, to be set before each change of what is fed.
Graph tile_graph(const SheetJob &sheet);

// feed ! videoconvert ! jpegenc ! sink: takes I420 in BT.709, gives one JPEG of the full range in BT.601, as
// JFIF has it.
Graph jpeg_graph(const SheetJob &sheet);

// What goes into jpeg_graph().
std::string sheet_caps(unsigned width, unsigned height);

} // namespace butaca::pipelines
