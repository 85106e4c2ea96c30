// SPDX-License-Identifier: Apache-2.0
#include "models/adapter/scale_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/bcq/quantize.h"
#include "models/bcq/uniform_view.h"
#include "models/numerics/float_format.h"
#include "tests/models/adapter/adapters.h"

namespace lutsim::models {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kRows = 5, kColumns = 21, kGroup = 8;

BcqMatrix rtn_matrix(std::uint32_t bits) {
  const auto w = test::RandomValues(7).vector(kRows * kColumns);
  return quantize_rtn(w.data(), kRows, kColumns, bits, kGroup);
}

/// The message of the SpecError that `action` throws.
template <class Action>
std::string spec_error(const Action& action) {
  try {
    action();
  } catch (const spec::SpecError& e) {
    return e.what();
  }
  ADD_FAILURE() << "no SpecError";
  return {};
}

TEST(ScaleTable, TheScalesThatAMatrixHasLeaveEveryBitOfIt) {
  for (const auto method : {QuantizationMethod::rtn, QuantizationMethod::bcq}) {
    const QuantizedModel model = test::small_quantized(method);
    for (const QuantizedLayer& layer : model.layers) {
      for (const DecoderMatrix id : kDecoderMatrices) {
        BcqMatrix m = matrix_of(layer, id);
        set_scales(scales_of(m), "m", m);
        EXPECT_EQ(m.alpha, matrix_of(layer, id).alpha);
        EXPECT_EQ(m.offset, matrix_of(layer, id).offset);
      }
    }
  }
}

TEST(ScaleTable, UniformWeightsStayUniformWithTheirCodesAndZeroPoints) {
  // From the least FP16 number, where most bits are lost, to one near the largest.
  for (const std::uint16_t bits : {0x0001, 0x0003, 0x03ff, 0x0400, 0x2e66, 0x3c01, 0x6bff}) {
    for (std::uint32_t weight_bits = 1; weight_bits <= 4; ++weight_bits) {
      const BcqMatrix base = rtn_matrix(weight_bits);
      BcqMatrix m = base;
      ScaleTable table = scales_of(base);
      std::fill(table.alpha.begin(), table.alpha.end(), bits);
      set_scales(table, "m", m);
      ASSERT_NO_THROW(require_uniform(m, "m")) << bits << ", " << weight_bits << " bits";
      for (std::uint32_t row = 0; row < kRows; ++row) {
        for (std::uint32_t col = 0; col < kColumns; ++col) {
          const std::uint32_t group = col / kGroup;
          const UniformScale was = uniform_scale(base, group, row),
                             is = uniform_scale(m, group, row);
          ASSERT_EQ(is.zero, was.zero);
          ASSERT_EQ(uniform_code(m, row, col), uniform_code(base, row, col));
          const float code = static_cast<float>(uniform_code(m, row, col));
          ASSERT_EQ(m.weight(row, col),
                    2 * fp16_from_bits(bits) * (code - static_cast<float>(was.zero)));
        }
      }
    }
  }
}

TEST(ScaleTable, EachScaleMovesTheWeightsOfItsGroupAndRowAlone) {
  const BcqMatrix base = rtn_matrix(3);
  ScaleTable table = scales_of(base);
  const std::uint32_t group = 1, row = 3;
  std::uint16_t& scale = table.alpha[group * kRows + row];
  scale = fp16_bits(2 * fp16_from_bits(scale));
  BcqMatrix m = base;
  set_scales(table, "m", m);
  for (std::uint32_t r = 0; r < kRows; ++r) {
    for (std::uint32_t col = 0; col < kColumns; ++col) {
      const float factor = r == row && col / kGroup == group ? 2 : 1;
      EXPECT_EQ(m.weight(r, col), factor * base.weight(r, col)) << r << ", " << col;
    }
  }
}

TEST(ScaleTable, AGroupOfZerosStaysOne) {
  std::vector<float> w = test::RandomValues(7).vector(kRows * kColumns);
  for (std::uint32_t col = 0; col < kGroup; ++col) w[col] = 0;
  BcqMatrix m = quantize_rtn(w.data(), kRows, kColumns, 3, kGroup);
  ScaleTable table = scales_of(m);
  table.alpha[0] = 0x3c00;
  set_scales(table, "m", m);
  for (std::uint32_t col = 0; col < kGroup; ++col) EXPECT_EQ(m.weight(0, col), 0);
}

TEST(ScaleTable, AnotherShapeAndAScaleTooLargeAreRefusedByName) {
  BcqMatrix m = rtn_matrix(3);
  ScaleTable table = scales_of(m);
  table.n = 4;
  EXPECT_EQ(spec_error([&] { set_scales(table, "layers.0.wq", m); }),
            "layers.0.wq: expected scales of 3 groups and 5 rows, found 3 and 4");
  table = scales_of(m);
  table.alpha[7] = 0x7800;  // 32768; times 4 for plane 2
  EXPECT_EQ(spec_error([&] { set_scales(table, "layers.0.wq", m); }),
            "layers.0.wq: the alpha of row 2, group 1 is not finite");
  table.alpha[7] = 0x7c00;
  EXPECT_THAT(spec_error([&] { set_scales(table, "m", m); }), HasSubstr("the scale of row 2"));
}

TEST(ScaleTable, ASafeScaleIsOneThatSetScalesTakes) {
  for (const auto method : {QuantizationMethod::rtn, QuantizationMethod::bcq}) {
    BcqMatrix m = test::small_quantized(method).layers[0].wq;
    ScaleTable table = scales_of(m);
    for (std::uint32_t g = 0; g < table.groups; ++g) {
      for (std::uint32_t row = 0; row < table.n; ++row) {
        table.alpha[g * table.n + row] = fp16_bits(safe_scale(m, g, row));
      }
    }
    EXPECT_NO_THROW(set_scales(table, "m", m));
  }
}

TEST(ScaleAdapter, BelongsToTheModelWithItsPlanesAlone) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  const ScaleAdapter adapter = test::doubling_adapter(base);
  const QuantizedModel adapted = apply(adapter, base);
  EXPECT_EQ(adapted.layers[1].w_up.plane_words, base.layers[1].w_up.plane_words);
  EXPECT_EQ(adapted.layers[1].w_up.weight(3, 4), 2 * base.layers[1].w_up.weight(3, 4));
  EXPECT_EQ(base_fingerprint(adapted), base_fingerprint(base));

  QuantizedModel other = base;
  other.layers[1].w_down.plane_words.back() ^= 1;
  EXPECT_NE(base_fingerprint(other), base_fingerprint(base));
  EXPECT_THAT(spec_error([&] { apply(adapter, other); }),
              HasSubstr("adapter 'double' belongs to another base: expected planes " +
                        adapter.base.substr(0, 16)));
  other = base;
  other.layers[0].wq.input_order.assign(36, 0);
  EXPECT_NE(base_fingerprint(other), base_fingerprint(base));
}

TEST(ScaleAdapter, TasksAreSwitchedInPlace) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  const ScaleAdapter adapter = test::doubling_adapter(base);
  ScaleAdapter back = adapter;
  for (std::size_t l = 0; l < base.layers.size(); ++l) {
    for (const DecoderMatrix id : kDecoderMatrices) {
      matrix_of(back.layers[l], id) = scales_of(matrix_of(base.layers[l], id));
    }
  }
  const QuantizedModel again = apply(back, apply(adapter, base));
  for (std::size_t l = 0; l < base.layers.size(); ++l) {
    for (const DecoderMatrix id : kDecoderMatrices) {
      EXPECT_EQ(matrix_of(again.layers[l], id).alpha, matrix_of(base.layers[l], id).alpha);
      EXPECT_EQ(matrix_of(again.layers[l], id).offset, matrix_of(base.layers[l], id).offset);
    }
  }
}

TEST(ScaleAdapter, TakesTwoBytesForAGroupAndRow) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  std::uint64_t bytes = 0;
  for (const auto& [name, matrix] : matrices_by_name(base))
    bytes += 2 * matrix->groups() * matrix->n;
  EXPECT_EQ(scale_bytes(test::doubling_adapter(base)), bytes);
}

}  // namespace
}  // namespace lutsim::models
