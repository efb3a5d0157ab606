// SPDX-License-Identifier: LGPL-2.1-or-later
// One table of properties: declared, set and got here.
#include "plugins/segmentmux_properties.h"

namespace butaca::segmentmux {
namespace {

enum Property {
    prop_timescale = 1,
    prop_base_decode_time,
    prop_sequence_number,
    prop_chunk_samples,
    prop_first_chunk_samples,
    prop_sample_times,
    prop_decode_times,
    prop_write_styp,
    prop_write_sidx,
    prop_language,
    prop_emit_init,
    prop_opus_pre_skip,
    prop_composition_shift,
    prop_write_edit_list,
};

// Anything but a code would make the init segment lie, so it becomes "undetermined".
std::string language_of(const char *text)
{
    const std::string language = text ? text : "";
    const bool code =
        language.size() == 3 && language.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    return code ? language : "und";
}

void install(GObjectClass *object_class, guint id, GParamSpec *spec)
{
    g_object_class_install_property(object_class, id, spec);
}

constexpr auto flags =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

void install_time_properties(GObjectClass *object_class)
{
    install(
        object_class, prop_timescale,
        g_param_spec_uint("timescale", "Timescale",
                          "Ticks per second (0 = sample rate, or frame rate numerator times a power of ten; "
                          "90000 if the frame rate varies); takes effect with the next caps",
                          0, G_MAXUINT32, 0, flags));
    install(object_class, prop_base_decode_time,
            g_param_spec_uint64(
                "base-decode-time", "Base decode time",
                "Ticks at which the first segment must begin: moves all times, or with sample-times "
                "is checked against them (2^64-1 = times stay as they come)",
                0, G_MAXUINT64, base_decode_time_unset, flags));
    install(
        object_class, prop_composition_shift,
        g_param_spec_uint("composition-shift", "Composition shift",
                          "Ticks added to every composition offset. With at least the longest reordering, no "
                          "offset is negative, and all is shown that much later unless an edit list says so",
                          0, 1u << 30, 0, flags));
    install(object_class, prop_write_edit_list,
            g_param_spec_boolean("write-edit-list", "Write edit list",
                                 "Take composition-shift back with an edit list in the init segment", FALSE,
                                 flags));
    install(object_class, prop_sample_times,
            g_param_spec_boxed(
                "sample-times", "Sample times",
                "Presentation ticks of the next segment's samples in order, and its end, as "
                "little-endian 64-bit numbers; lets chunks leave early. Set before the first sample, "
                "and again when that segment is complete",
                G_TYPE_BYTES, static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
    install(object_class, prop_decode_times,
            g_param_spec_boxed(
                "decode-times", "Decode times",
                "Decode ticks of the next segment's samples, and its end, in the form of sample-times, set "
                "before "
                "those; none may lie after the sample is shown (unset = the sample times themselves)",
                G_TYPE_BYTES, static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

void install_layout_properties(GObjectClass *object_class)
{
    install(object_class, prop_sequence_number,
            g_param_spec_uint("sequence-number", "Sequence number", "Number of the first chunk (mfhd)", 0,
                              G_MAXUINT32, 1, flags));
    install(object_class, prop_chunk_samples,
            g_param_spec_uint("chunk-samples", "Chunk samples",
                              "Samples in each chunk (0 = one chunk holds the whole segment)", 0, G_MAXUINT32,
                              0, flags));
    install(object_class, prop_first_chunk_samples,
            g_param_spec_uint(
                "first-chunk-samples", "First chunk samples",
                "Samples in the first chunk of a segment, so that its first byte leaves early (0 = as "
                "the others)",
                0, G_MAXUINT32, 0, flags));
    install(object_class, prop_write_styp,
            g_param_spec_boolean("write-styp", "Write styp", "Begin each segment with a segment type box",
                                 TRUE, flags));
    install(object_class, prop_write_sidx,
            g_param_spec_boolean(
                "write-sidx", "Write sidx",
                "Begin each segment with an index; no chunk leaves before its segment is complete", FALSE,
                flags));
    install(object_class, prop_emit_init,
            g_param_spec_boolean("emit-init", "Emit init", "Push the init segment first", TRUE, flags));
    install(object_class, prop_language,
            g_param_spec_string("language", "Language",
                                "ISO 639-2 code, three small letters; takes effect with the "
                                "next caps",
                                "und", flags));
    install(object_class, prop_opus_pre_skip,
            g_param_spec_int(
                "opus-pre-skip", "Opus pre-skip",
                "Samples at 48 kHz that an Opus decoder throws away at the start (-1 = what the stream's "
                "header says); takes effect with the next caps",
                opus_pre_skip_of_stream, G_MAXUINT16, opus_pre_skip_of_stream, flags));
}

} // namespace

void install_properties(GObjectClass *object_class)
{
    install_time_properties(object_class);
    install_layout_properties(object_class);
}

bool set_property(Properties &properties, guint id, const GValue *value)
{
    Settings &settings = properties.settings;
    switch (id) {
    case prop_timescale:
        settings.timescale = g_value_get_uint(value);
        break;
    case prop_base_decode_time:
        settings.base_decode_time = g_value_get_uint64(value);
        break;
    case prop_sequence_number:
        settings.sequence_number = g_value_get_uint(value);
        break;
    case prop_chunk_samples:
        settings.chunk_samples = g_value_get_uint(value);
        break;
    case prop_first_chunk_samples:
        settings.first_chunk_samples = g_value_get_uint(value);
        break;
    case prop_sample_times:
        properties.sample_times = adopt(static_cast<GBytes *>(g_value_dup_boxed(value)));
        break;
    case prop_decode_times:
        properties.decode_times = adopt(static_cast<GBytes *>(g_value_dup_boxed(value)));
        break;
    case prop_write_styp:
        settings.write_styp = g_value_get_boolean(value);
        break;
    case prop_write_sidx:
        settings.write_sidx = g_value_get_boolean(value);
        break;
    case prop_emit_init:
        settings.emit_init = g_value_get_boolean(value);
        break;
    case prop_opus_pre_skip:
        settings.opus_pre_skip = g_value_get_int(value);
        break;
    case prop_composition_shift:
        settings.composition_shift = g_value_get_uint(value);
        break;
    case prop_write_edit_list:
        settings.write_edit_list = g_value_get_boolean(value);
        break;
    case prop_language:
        settings.language = language_of(g_value_get_string(value));
        break;
    default:
        return false;
    }
    return true;
}

bool get_property(const Properties &properties, guint id, GValue *value)
{
    const Settings &settings = properties.settings;
    switch (id) {
    case prop_timescale:
        g_value_set_uint(value, settings.timescale);
        break;
    case prop_base_decode_time:
        g_value_set_uint64(value, settings.base_decode_time);
        break;
    case prop_sequence_number:
        g_value_set_uint(value, settings.sequence_number);
        break;
    case prop_chunk_samples:
        g_value_set_uint(value, settings.chunk_samples);
        break;
    case prop_first_chunk_samples:
        g_value_set_uint(value, settings.first_chunk_samples);
        break;
    case prop_sample_times:
        g_value_set_boxed(value, properties.sample_times.get());
        break;
    case prop_decode_times:
        g_value_set_boxed(value, properties.decode_times.get());
        break;
    case prop_write_styp:
        g_value_set_boolean(value, settings.write_styp);
        break;
    case prop_write_sidx:
        g_value_set_boolean(value, settings.write_sidx);
        break;
    case prop_composition_shift:
        g_value_set_uint(value, settings.composition_shift);
        break;
    case prop_write_edit_list:
        g_value_set_boolean(value, settings.write_edit_list);
        break;
    case prop_language:
        g_value_set_string(value, settings.language.c_str());
        break;
    case prop_emit_init:
        g_value_set_boolean(value, settings.emit_init);
        break;
    case prop_opus_pre_skip:
        g_value_set_int(value, settings.opus_pre_skip);
        break;
    default:
        return false;
    }
    return true;
}

} // namespace butaca::segmentmux
