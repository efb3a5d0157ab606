// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/chapters/toc.h"

#include "src/base/gst.h"
#include "src/origin/subtitles/sidecar_name.h"

namespace butaca::origin {

namespace {

media::Chapter chapter_from(const GstTocEntry *entry)
{
    media::Chapter chapter;
    gint64 start = 0;
    gint64 stop = 0;
    if (gst_toc_entry_get_start_stop_times(entry, &start, &stop)) {
        chapter.start_ns = start;
        chapter.end_ns = stop;
    }
    if (const GstTagList *tags = gst_toc_entry_get_tags(entry)) {
        Owned<char> title;
        Owned<char> language;
        if (gst_tag_list_get_string(tags, GST_TAG_TITLE, Out(title)))
            chapter.title = title.get();
        if (gst_tag_list_get_string(tags, GST_TAG_LANGUAGE_CODE, Out(language)))
            chapter.language = language_from(language.get());
    }
    return chapter;
}

} // namespace

std::vector<media::Chapter> toc_chapters(const GstToc *toc)
{
    std::vector<media::Chapter> chapters;
    const GList *entries = toc ? gst_toc_get_entries(toc) : nullptr;
    if (entries && gst_toc_entry_is_alternative(static_cast<GstTocEntry *>(entries->data)))
        entries = gst_toc_entry_get_sub_entries(static_cast<GstTocEntry *>(entries->data));
    for (; entries && chapters.size() < media::chapters_most; entries = entries->next)
        chapters.push_back(chapter_from(static_cast<GstTocEntry *>(entries->data)));
    return chapters;
}

} // namespace butaca::origin
