// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/sheet_graph.h"

#include "pipelines/segment_graph.h"
#include "pipelines/source_graph.h"

namespace butaca::pipelines {

std::string sheet_caps(unsigned width, unsigned height)
{
    return "video/x-raw, format=(string)I420, width=(int)" + std::to_string(width) + ", height=(int)" +
           std::to_string(height) + ", pixel-aspect-ratio=(fraction)1/1, colorimetry=(string)bt709";
}

Graph tile_graph(const SheetJob &sheet)
{
    Graph graph;
    const std::string end =
        add_upright(graph, {sheet.mirrored, sheet.rotation, sheet.interlaced}, graph.add(feed_node(1)));
    std::string last = graph.add({"videoconvert", "plain", {}, {}}, end);
    last = graph.add({"butacascale", "scale", {}, {}}, last);
    // The scaler changes no matrix, so its caps depend on the film: whoever feeds sets them here.
    last = graph.add({"capsfilter", "shape", {}, {}}, last);
    last = graph.add({"videoconvert", "colours", {}, {}}, last);
    add_sink(graph, {last, ""}, 1, sheet_caps(sheet.tile_width, sheet.tile_height));
    return graph;
}

Graph jpeg_graph(const SheetJob &sheet)
{
    Graph graph;
    const std::string full = graph.add({"videoconvert", "full", {}, {}}, graph.add(feed_node(1)));
    // The one transform that is the same with and without vector instructions.
    const std::string jpeg =
        graph.add({"jpegenc",
                   "encode",
                   {{"quality", std::to_string(sheet.jpeg_quality)}, {"idct-method", "islow"}},
                   {}},
                  full, "video/x-raw, format=(string)I420, colorimetry=(string)1:4:0:0");
    add_sink(graph, {jpeg, ""}, 1);
    return graph;
}

} // namespace butaca::pipelines
