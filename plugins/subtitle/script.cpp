// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/script.h"

#include <algorithm>
#include <cstdarg>

#include <fontconfig/fontconfig.h>
#include <gst/gst.h>

namespace butaca::subtitle {

namespace {

// The family that is asked for where a script names none that is here; fontconfig finds those for scripts
// that it lacks.
constexpr const char *default_family = "Noto Sans";
constexpr int fatal_level = 1; // of libass's messages

void log_message(int level, const char *format, va_list arguments, void *)
{
    if (level > fatal_level)
        return;
    char *text = g_strdup_vprintf(format, arguments);
    GST_WARNING("libass: %s", text);
    g_free(text);
}

} // namespace

Script::Script(std::string text) : text_(std::move(text)) {}

Script::~Script()
{
    if (track_)
        ass_free_track(track_);
    if (renderer_)
        ass_renderer_done(renderer_);
    if (library_)
        ass_library_done(library_);
}

std::unique_ptr<Script> Script::make(const std::string &text, int width, int height, double par)
{
    std::unique_ptr<Script> script(new Script(text));
    return script->open(width, height, par) && script->read() ? std::move(script) : nullptr;
}

bool Script::open(int width, int height, double par)
{
    library_ = ass_library_init();
    if (!library_)
        return false;
    ass_set_message_cb(library_, log_message, nullptr);
    ass_set_extract_fonts(library_, 1);
    renderer_ = ass_renderer_init(library_);
    if (!renderer_)
        return false;
    ass_set_fonts(renderer_, nullptr, default_family, ASS_FONTPROVIDER_AUTODETECT, nullptr, 1);
    ass_set_frame_size(renderer_, width, height);
    ass_set_storage_size(renderer_, width, height);
    ass_set_pixel_aspect(renderer_, par);
    return true;
}

bool Script::read()
{
    if (track_)
        ass_free_track(track_);
    // It writes into what it reads.
    std::string copy = text_;
    track_ = ass_read_memory(library_, copy.data(), copy.size(), nullptr);
    if (!track_)
        return false;
    borders_ms_.clear();
    for (int i = 0; i < track_->n_events; i++) {
        borders_ms_.push_back(track_->events[i].Start);
        borders_ms_.push_back(track_->events[i].Start + track_->events[i].Duration);
    }
    std::sort(borders_ms_.begin(), borders_ms_.end());
    return true;
}

// libass keeps a line where it was when the one below it goes, so what it draws depends on what it drew
// before. Whenever a line comes or goes it is made to forget.
const ASS_Image *Script::at(std::int64_t time_ms)
{
    auto stretch = static_cast<std::size_t>(
        std::upper_bound(borders_ms_.begin(), borders_ms_.end(), time_ms) - borders_ms_.begin());
    if (stretch == 0 || stretch == borders_ms_.size())
        return nullptr;
    if (stretch != stretch_ && !read())
        return nullptr;
    stretch_ = stretch;
    return ass_render_frame(renderer_, track_, time_ms, nullptr);
}

std::string Script::renderer_version()
{
    std::string version = "libass " + std::to_string(ass_library_version());
    FcPattern *pattern = FcNameParse(reinterpret_cast<const FcChar8 *>(default_family));
    FcConfigSubstitute(nullptr, pattern, FcMatchPattern);
    FcDefaultSubstitute(pattern);
    FcResult result = FcResultNoMatch;
    FcPattern *found = FcFontMatch(nullptr, pattern, &result);
    if (found) {
        FcChar8 *name = nullptr;
        int number = 0;
        if (FcPatternGetString(found, FC_FULLNAME, 0, &name) == FcResultMatch)
            version += std::string(", ") + reinterpret_cast<const char *>(name);
        if (FcPatternGetInteger(found, FC_FONTVERSION, 0, &number) == FcResultMatch)
            version += " " + std::to_string(number);
        FcPatternDestroy(found);
    }
    FcPatternDestroy(pattern);
    return version;
}

} // namespace butaca::subtitle
