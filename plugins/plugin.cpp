// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin's front door: registers every element of libgstbutaca.so. Each element's file declares its own
// registration with GST_ELEMENT_REGISTER_DECLARE in its header.
#include <gst/gst.h>

#include "plugins/audio/aac_encoder.h"
#include "plugins/audio/compress.h"
#include "plugins/audio/mp3_encoder.h"
#include "plugins/segmentmux.h"
#include "plugins/source/origin_src.h"
#include "plugins/subtitle/burn.h"
#include "plugins/video/field_filter.h"
#include "plugins/video/scale.h"
#include "plugins/video/transcode.h"

namespace {

gboolean register_elements(GstPlugin *plugin)
{
    gboolean all = TRUE;
    all &= GST_ELEMENT_REGISTER(vssrc, plugin);
    all &= GST_ELEMENT_REGISTER(assrc, plugin);
    all &= GST_ELEMENT_REGISTER(segmentmux, plugin);
    all &= GST_ELEMENT_REGISTER(videotranscode, plugin);
    all &= GST_ELEMENT_REGISTER(butacascale, plugin);
    all &= GST_ELEMENT_REGISTER(butacafield, plugin);
    all &= GST_ELEMENT_REGISTER(audiocompress, plugin);
    all &= GST_ELEMENT_REGISTER(butacaaacenc, plugin);
    all &= GST_ELEMENT_REGISTER(butacamp3enc, plugin);
    all &= GST_ELEMENT_REGISTER(subtitleburn, plugin);
    return all;
}

} // namespace

#define PACKAGE "butaca"
extern "C" {
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, butaca,
                  "Butaca's sources, transcoders and CMAF segment muxer", register_elements, BUTACA_VERSION,
                  "LGPL", "butaca", "https://butaca.invalid/")
}
