// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/fonts.h"

#include <array>
#include <memory>
#include <set>
#include <string_view>

#include <fontconfig/fontconfig.h>
#include <gst/gst.h>
#include <sys/stat.h>

#include "plugins/codec/library.h"
#include "plugins/subtitle/ass_script.h"
#include "src/base/gobject.h"

namespace butaca::subtitle {

namespace {

struct ConfigDone {
    void operator()(FcConfig *config) const { FcConfigDestroy(config); }
};

std::string line_of(const FcPattern *font)
{
    FcChar8 *file = nullptr;
    int index = 0, version = 0;
    if (FcPatternGetString(font, FC_FILE, 0, &file) != FcResultMatch)
        return {};
    FcPatternGetInteger(font, FC_INDEX, 0, &index);
    FcPatternGetInteger(font, FC_FONTVERSION, 0, &version);
    const std::string path = reinterpret_cast<const char *>(file);
    struct stat about {};
    const long long size = stat(path.c_str(), &about) == 0 ? about.st_size : -1;
    return path.substr(path.rfind('/') + 1) + ' ' + std::to_string(index) + ' ' + std::to_string(version) +
           ' ' + std::to_string(size) + '\n';
}

// All strings of a list, which is given back.
void add(FcStrList *list, std::multiset<std::string> &lines)
{
    if (!list)
        return;
    while (const FcChar8 *text = FcStrListNext(list)) {
        const std::string path = reinterpret_cast<const char *>(text);
        lines.insert(path.substr(path.rfind('/') + 1) + '\n');
    }
    FcStrListDone(list);
}

// The order of a font set is that of folders on disk: sorted here.
std::string digest_of_fonts()
{
    const std::unique_ptr<FcConfig, ConfigDone> config(FcInitLoadConfigAndFonts());
    std::multiset<std::string> lines;
    const FcFontSet *set = config ? FcConfigGetFonts(config.get(), FcSetSystem) : nullptr;
    for (int i = 0; set && i < set->nfont; i++)
        lines.insert(line_of(set->fonts[i]));
    // Which font is asked first for a letter is told by fontconfig's rules, and by the process's languages.
    if (config)
        add(FcConfigGetConfigFiles(config.get()), lines);
    if (FcStrSet *languages = FcGetDefaultLangs()) {
        add(FcStrListCreate(languages), lines);
        FcStrSetDestroy(languages);
    }
    std::string all;
    for (const std::string &line : lines)
        all += line;
    const auto digest =
        adopt(g_compute_checksum_for_string(G_CHECKSUM_SHA256, all.data(), static_cast<gssize>(all.size())));
    return std::string(digest.get()).substr(0, 16);
}

} // namespace

std::string renderer_version()
{
    static constexpr std::array<std::string_view, 5> libraries{
        "libass.so", "libfreetype.so", "libharfbuzz.so", "libfribidi.so", "libfontconfig.so"};
    static const std::string version = libass_version() + " (" + codec::describe("subtitleburn", libraries) +
                                       ") " BUTACA_VERSION " fonts " + digest_of_fonts();
    return version;
}

} // namespace butaca::subtitle
