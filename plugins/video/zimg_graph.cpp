// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/zimg_graph.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <zimg.h>

namespace butaca::video {

namespace {

// What zimg's widest kernels (AVX-512) ask of every row.
constexpr std::size_t alignment = 64;
// As sharp as spline36, with two thirds of its taps.
constexpr double bicubic_c = 0.75;

struct FreeAligned {
    void operator()(void *memory) const noexcept { std::free(memory); }
};
using Memory = std::unique_ptr<std::uint8_t, FreeAligned>;

std::size_t round_up(std::size_t size) { return (size + alignment - 1) / alignment * alignment; }

// Zeroed: where kernels read past the end of a row, they must read the same in every run.
Memory allocate(std::size_t size)
{
    const std::size_t whole_size = round_up(size + 1);
    auto *memory = static_cast<std::uint8_t *>(std::aligned_alloc(alignment, whole_size));
    if (memory)
        std::memset(memory, 0, whole_size);
    return Memory(memory);
}

struct FreeGraph {
    void operator()(zimg_filter_graph *graph) const noexcept { zimg_filter_graph_free(graph); }
};

zimg_chroma_location_e chroma_location(const GstVideoInfo &info)
{
    switch (static_cast<unsigned>(info.chroma_site)) {
    case GST_VIDEO_CHROMA_SITE_NONE:
        return ZIMG_CHROMA_CENTER;
    case GST_VIDEO_CHROMA_SITE_COSITED:
        return ZIMG_CHROMA_TOP_LEFT;
    case GST_VIDEO_CHROMA_SITE_V_COSITED:
        return ZIMG_CHROMA_TOP;
    default:
        return ZIMG_CHROMA_LEFT; // what MPEG-2, H.264 and H.265 mean when they do not say
    }
}

// `size` rounded up to a whole number of chroma samples.
int whole(int size, unsigned subsample_log2)
{
    return (size + (1 << subsample_log2) - 1) >> subsample_log2 << subsample_log2;
}

// What zimg calls a matrix; ISO/IEC 23091-2 has given both the same numbers.
zimg_matrix_coefficients_e matrix_of(const GstVideoInfo &info)
{
    switch (static_cast<unsigned>(info.colorimetry.matrix)) {
    case GST_VIDEO_COLOR_MATRIX_BT601:
        return ZIMG_MATRIX_ST170_M;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
        return ZIMG_MATRIX_BT2020_NCL;
    case GST_VIDEO_COLOR_MATRIX_FCC:
        return ZIMG_MATRIX_FCC;
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:
        return ZIMG_MATRIX_ST240_M;
    default:
        return ZIMG_MATRIX_BT709;
    }
}

// Transfer and primaries are never told: zimg leaves light alone, tone.h has its own. The matrix matters only
// on the way to RGB and back: between two YUV pictures both sides are told the same, so that luma and chroma
// are only resampled.
zimg_image_format image_format(const GstVideoInfo &info, zimg_matrix_coefficients_e matrix)
{
    const bool rgb = GST_VIDEO_INFO_IS_RGB(&info);
    zimg_image_format format;
    zimg_image_format_default(&format, ZIMG_API_VERSION);
    format.subsample_w = info.finfo->w_sub[1];
    format.subsample_h = info.finfo->h_sub[1];
    // zimg takes no odd sizes of subsampled pictures: it gets one more column or row, and is told not to show
    // it.
    format.width = static_cast<unsigned>(whole(info.width, format.subsample_w));
    format.height = static_cast<unsigned>(whole(info.height, format.subsample_h));
    format.active_region = {0, 0, static_cast<double>(info.width), static_cast<double>(info.height)};
    format.depth = info.finfo->depth[0];
    format.pixel_type = format.depth > 8 ? ZIMG_PIXEL_WORD : ZIMG_PIXEL_BYTE;
    format.color_family = rgb ? ZIMG_COLOR_RGB : ZIMG_COLOR_YUV;
    format.matrix_coefficients = rgb ? ZIMG_MATRIX_RGB : matrix;
    format.pixel_range =
        rgb || info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255 ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED;
    format.chroma_location = chroma_location(info);
    return format;
}

// A copy of one side's planes with aligned rows, for frames whose own rows are not.
struct Staging {
    std::array<Memory, 3> planes;
    std::array<std::size_t, 3> strides{};
    std::array<std::size_t, 3> row_bytes{};
    std::array<std::size_t, 3> rows{};
    std::size_t sample_bytes;
    // An odd picture always goes through here, and its luma is made even by repeating its last column and
    // row.
    bool odd_width, odd_height;

    explicit Staging(const GstVideoInfo &info)
        : sample_bytes(static_cast<std::size_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&info, 0))),
          odd_width(whole(info.width, info.finfo->w_sub[1]) != info.width),
          odd_height(whole(info.height, info.finfo->h_sub[1]) != info.height)
    {
        for (unsigned i = 0; i < 3; i++) {
            row_bytes[i] = static_cast<std::size_t>(GST_VIDEO_INFO_COMP_WIDTH(&info, i)) *
                           static_cast<std::size_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&info, i));
            rows[i] = static_cast<std::size_t>(GST_VIDEO_INFO_COMP_HEIGHT(&info, i));
            strides[i] = round_up(row_bytes[i] + sample_bytes);
            planes[i] = allocate(strides[i] * (rows[i] + 1));
        }
    }

    bool is_odd() const { return odd_width || odd_height; }
    void make_even()
    {
        std::uint8_t *luma = planes[0].get();
        if (odd_width)
            for (std::uint8_t *end = luma + row_bytes[0]; end < luma + strides[0] * rows[0];
                 end += strides[0])
                std::memcpy(end, end - sample_bytes, sample_bytes);
        if (odd_height)
            std::memcpy(luma + strides[0] * rows[0], luma + strides[0] * (rows[0] - 1), strides[0]);
    }
};

// In zimg's order, red first, whatever order the planes lie in.
std::uint8_t *plane(const GstVideoFrame &frame, unsigned i)
{
    return static_cast<std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, i));
}

bool is_aligned(const GstVideoFrame &frame, unsigned i)
{
    return reinterpret_cast<std::uintptr_t>(plane(frame, i)) % alignment == 0 &&
           static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_STRIDE(&frame, i)) % alignment == 0;
}

void copy_rows(std::uint8_t *to, std::ptrdiff_t to_stride, const std::uint8_t *from,
               std::ptrdiff_t from_stride, std::size_t row_bytes, std::size_t rows)
{
    for (std::size_t y = 0; y < rows; y++, to += to_stride, from += from_stride)
        std::memcpy(to, from, row_bytes);
}

} // namespace

struct ZimgGraph::Impl {
    std::unique_ptr<zimg_filter_graph, FreeGraph> graph;
    Memory scratch;
    Staging in, out;
};

ZimgGraph::ZimgGraph(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZimgGraph::~ZimgGraph() = default;

std::unique_ptr<ZimgGraph> ZimgGraph::make(const GstVideoInfo &from, const GstVideoInfo &to, std::string &why)
{
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    // docs/decisions/scaler.md has the measurements.
    params.resample_filter = params.resample_filter_uv = ZIMG_RESIZE_BICUBIC;
    params.filter_param_a = params.filter_param_a_uv = 0;
    params.filter_param_b = params.filter_param_b_uv = bicubic_c;
    params.dither_type = from.finfo->depth[0] > to.finfo->depth[0] ? ZIMG_DITHER_ORDERED : ZIMG_DITHER_NONE;
    params.cpu_type = ZIMG_CPU_AUTO_64B;
    const bool through_rgb = GST_VIDEO_INFO_IS_RGB(&from) != GST_VIDEO_INFO_IS_RGB(&to);
    const zimg_image_format in = image_format(from, through_rgb ? matrix_of(from) : ZIMG_MATRIX_BT709),
                            out = image_format(to, through_rgb ? matrix_of(to) : ZIMG_MATRIX_BT709);
    std::unique_ptr<zimg_filter_graph, FreeGraph> graph(zimg_filter_graph_build(&in, &out, &params));
    std::size_t size = 0;
    if (!graph || zimg_filter_graph_get_tmp_size(graph.get(), &size) != ZIMG_ERROR_SUCCESS) {
        std::array<char, 256> message{};
        zimg_get_last_error(message.data(), message.size());
        why = message.data();
        return nullptr;
    }
    return std::unique_ptr<ZimgGraph>(new ZimgGraph(
        std::unique_ptr<Impl>(new Impl{std::move(graph), allocate(size), Staging(from), Staging(to)})));
}

bool ZimgGraph::process(const GstVideoFrame &from, GstVideoFrame &to)
{
    zimg_image_buffer_const src = {ZIMG_API_VERSION, {}};
    zimg_image_buffer dst = {ZIMG_API_VERSION, {}};
    Staging &in = impl_->in, &out = impl_->out;
    for (unsigned i = 0; i < 3; i++) {
        if (is_aligned(from, i) && !in.is_odd()) {
            src.plane[i] = {plane(from, i), GST_VIDEO_FRAME_COMP_STRIDE(&from, i), ZIMG_BUFFER_MAX};
        } else {
            copy_rows(in.planes[i].get(), static_cast<std::ptrdiff_t>(in.strides[i]), plane(from, i),
                      GST_VIDEO_FRAME_COMP_STRIDE(&from, i), in.row_bytes[i], in.rows[i]);
            src.plane[i] = {in.planes[i].get(), static_cast<std::ptrdiff_t>(in.strides[i]), ZIMG_BUFFER_MAX};
        }
        if (is_aligned(to, i))
            dst.plane[i] = {plane(to, i), GST_VIDEO_FRAME_COMP_STRIDE(&to, i), ZIMG_BUFFER_MAX};
        else
            dst.plane[i] = {out.planes[i].get(), static_cast<std::ptrdiff_t>(out.strides[i]),
                            ZIMG_BUFFER_MAX};
    }
    if (in.is_odd())
        in.make_even();
    if (zimg_filter_graph_process(impl_->graph.get(), &src, &dst, impl_->scratch.get(), nullptr, nullptr,
                                  nullptr, nullptr) != ZIMG_ERROR_SUCCESS)
        return false;
    for (unsigned i = 0; i < 3; i++)
        if (!is_aligned(to, i))
            copy_rows(plane(to, i), GST_VIDEO_FRAME_COMP_STRIDE(&to, i), out.planes[i].get(),
                      static_cast<std::ptrdiff_t>(out.strides[i]), out.row_bytes[i], out.rows[i]);
    return true;
}

} // namespace butaca::video
