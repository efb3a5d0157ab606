// SPDX-License-Identifier: LGPL-2.1-or-later
// Looks decoders and parsers up in GStreamer's registry.
#include "pipelines/elements.h"

#include <array>
#include <string_view>

#include "src/base/gst.h"

namespace butaca::pipelines {

namespace {

Result<Owned<GstCaps>> parse_caps(const std::string &text)
{
    auto caps = adopt(gst_caps_from_string(text.c_str()));
    if (!caps || gst_caps_is_empty(caps.get()) || gst_caps_is_any(caps.get()) ||
        gst_caps_get_size(caps.get()) != 1)
        return fail(ErrorCode::invalid_argument, "the track's format is not understood", text);
    return caps;
}

bool is_hardware(GstElementFactory *factory)
{
    const char *klass = gst_element_factory_get_metadata(factory, GST_ELEMENT_METADATA_KLASS);
    return klass && std::string_view(klass).find("Hardware") != std::string_view::npos;
}

// `whole`: only decoders that take all such streams, not those for a variant (with transparency, say).
std::string best_decoder(GstCaps *caps, bool whole)
{
    GList *all = gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
    GList *fitting = gst_element_factory_list_filter(all, caps, GST_PAD_SINK, whole);
    // By rank, then by name, so that the choice does not depend on the registry's order.
    fitting = g_list_sort(fitting, gst_plugin_feature_rank_compare_func);
    std::string name;
    for (GList *at = fitting; at && name.empty(); at = at->next)
        if (!is_hardware(GST_ELEMENT_FACTORY(at->data)))
            name = GST_OBJECT_NAME(at->data);
    gst_plugin_feature_list_free(fitting);
    gst_plugin_feature_list_free(all);
    return name;
}

// Only parsers that a decoder or our muxer needs: each of them may otherwise invent times of its own.
std::string parser_of(const GstStructure *format)
{
    int version = 0;
    const std::string_view type = gst_structure_get_name(format);
    if (type == "audio/mpeg" || type == "video/mpeg") {
        if (!gst_structure_get_int(format, "mpegversion", &version))
            return {};
        if (type == "audio/mpeg")
            return version == 1 ? "mpegaudioparse" : "aacparse";
        return version == 4 ? "mpeg4videoparse" : "mpegvideoparse";
    }
    static constexpr std::array<std::pair<std::string_view, const char *>, 9> table{{
        {"video/x-h264", "h264parse"},
        {"video/x-h265", "h265parse"},
        {"video/x-av1", "av1parse"},
        {"video/x-vp9", "vp9parse"},
        {"audio/x-ac3", "ac3parse"},
        {"audio/x-eac3", "ac3parse"},
        {"audio/x-dts", "dcaparse"},
        {"audio/x-flac", "flacparse"},
        {"audio/x-opus", "opusparse"},
    }};
    for (const auto &[name, parser] : table)
        if (name == type)
            return parser;
    return {};
}

} // namespace

Result<std::string> parser_for(const std::string &text)
{
    auto caps = parse_caps(text);
    if (!caps)
        return fail(std::move(caps.error()));
    auto name = parser_of(gst_caps_get_structure(caps->get(), 0));
    if (name.empty())
        return name;
    auto factory = adopt(gst_element_factory_find(name.c_str()));
    return factory ? name : std::string();
}

Result<StreamElements> stream_elements(const std::string &text)
{
    auto caps = parse_caps(text);
    if (!caps)
        return fail(std::move(caps.error()));
    StreamElements found;
    found.parser = parser_for(text).value_or("");
    if (gst_structure_has_name(gst_caps_get_structure(caps->get(), 0), "audio/x-raw") ||
        gst_structure_has_name(gst_caps_get_structure(caps->get(), 0), "video/x-raw"))
        return found;
    found.decoder = best_decoder(caps->get(), true);
    if (found.decoder.empty())
        found.decoder = best_decoder(caps->get(), false);
    if (found.decoder.empty())
        return fail(ErrorCode::unsupported, "nothing installed here decodes this track", text);
    return found;
}

} // namespace butaca::pipelines
