// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/adapter_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "tests/models/adapter/adapters.h"
#include "tests/workloads/checkpoint/checkpoint_files.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::workloads {
namespace {

using testing::HasSubstr;

class AdapterFile : public testing::Test {
 protected:
  std::string saved(const models::ScaleAdapter& adapter) {
    save_adapter(folder_ / "task.adapter", adapter);
    return test::read_file(folder_ / "task.adapter");
  }
  std::string error_of(const std::string& data) {
    test::write_file(folder_ / "damaged.adapter", data);
    return test::input_error([&] { load_adapter(folder_ / "damaged.adapter"); });
  }
  /// Makes the SHA-256 right again, so that what lies behind it is reached.
  static std::string sealed(std::string data) {
    auto* bytes = reinterpret_cast<unsigned char*>(data.data());
    const std::size_t contents = data.size() - SHA256_DIGEST_LENGTH;
    SHA256(bytes, contents, bytes + contents);
    return data;
  }
  /// With one piece of the header replaced by another of the same length.
  std::string changed(const std::string& from, const std::string& to) {
    std::string data = whole_;
    EXPECT_EQ(from.size(), to.size());
    data.replace(data.find(from), from.size(), to);
    return sealed(data);
  }

  test::TemporaryFolder folder_;
  models::QuantizedModel base_ = test::small_quantized(models::QuantizationMethod::rtn);
  models::ScaleAdapter adapter_ = test::doubling_adapter(base_);
  std::string whole_ = saved(adapter_);
};

TEST_F(AdapterFile, ComesBackAsItWasAndGivesTheSameBytes) {
  const models::ScaleAdapter back = load_adapter(folder_ / "task.adapter");
  EXPECT_EQ(back.name, "double");
  EXPECT_EQ(back.base, adapter_.base);
  EXPECT_EQ(back.documents, adapter_.documents);
  EXPECT_EQ(back.steps_done, 7u);
  EXPECT_EQ(back.recipe.learning_rate, adapter_.recipe.learning_rate);
  ASSERT_EQ(back.layers.size(), 2u);
  EXPECT_EQ(back.layers[1].w_down.alpha, adapter_.layers[1].w_down.alpha);
  EXPECT_EQ(saved(back), whole_);
}

TEST_F(AdapterFile, IsSmallBesideTheWeights) {
  std::uint64_t weights = 0;
  for (const auto& [name, matrix] : matrices_by_name(base_))
    weights += stored_bytes(matrix->storage());
  EXPECT_GT(whole_.size(), scale_bytes(adapter_));
  EXPECT_LT(whole_.size(), scale_bytes(adapter_) + 700);
  EXPECT_LT(scale_bytes(adapter_), weights / 5);
}

TEST_F(AdapterFile, CutAnywhereItIsRefused) {
  for (std::size_t size = 0; size < whole_.size(); size += size < 64 ? 1 : 97) {
    ASSERT_THAT(error_of(whole_.substr(0, size)), HasSubstr("damaged.adapter")) << size;
  }
  EXPECT_THAT(error_of(whole_ + "x"), HasSubstr("bytes by its header"));
}

TEST_F(AdapterFile, OneFlippedBitAnywhereIsFound) {
  for (std::size_t byte = 0; byte < whole_.size(); byte += 23) {
    std::string damaged = whole_;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    ASSERT_THAT(error_of(damaged), HasSubstr("damaged.adapter")) << "byte " << byte;
  }
  std::string damaged = whole_;
  damaged[whole_.size() - 100] ^= 1;
  EXPECT_THAT(error_of(damaged), HasSubstr("expected the SHA-256 of the bytes before it"));
  EXPECT_THAT(error_of(damaged), HasSubstr("write it again with lutsim adapt"));
}

TEST_F(AdapterFile, AnotherKindOrVersionIsRefusedAtItsByte) {
  std::string data = whole_;
  data[8] = 2;
  EXPECT_THAT(error_of(data),
              HasSubstr("at byte 8: expected version 1 (lutsim.adapter/1), found version 2"));
  data = whole_;
  data[0] = 'X';
  EXPECT_THAT(error_of(data), HasSubstr("at byte 0: expected the magic 'LUTSIMAD'"));
}

TEST_F(AdapterFile, AHeaderThatIsNoneIsRefusedByItsKey) {
  EXPECT_THAT(error_of(changed("\"layers\":2", "\"layers\":3")),
              HasSubstr("layers.2.attention.wq"));
  EXPECT_THAT(error_of(changed("\"layers\":2", "\"layers\":1")),
              HasSubstr("expected the SHA-256 that ends the file"));
  EXPECT_THAT(error_of(changed("\"layers\":2", "\"layers\":0")), HasSubstr("/layers"));
  EXPECT_THAT(error_of(changed("\"batch\":4", "\"batch\":0")), HasSubstr("/recipe/batch"));
  EXPECT_THAT(error_of(changed("\"seed\"", "\"seep\"")), HasSubstr("/recipe: missing key 'seed'"));
  EXPECT_THAT(error_of(changed(adapter_.base.substr(0, 4), "XXXX")), HasSubstr("/base"));
  EXPECT_THAT(error_of(changed("adapter/1", "adapter/2")),
              HasSubstr("expected \"lutsim.adapter/1\""));
}

TEST_F(AdapterFile, AbsurdSizesAndScalesAreRefusedWithoutTakingMemory) {
  const std::size_t tables = whole_.find('}', whole_.find("documents")) + 1;
  for (const std::size_t at : {tables, tables + 4}) {
    std::string data = whole_;
    data.replace(at, 4, "\xff\xff\xff\xff");
    EXPECT_THAT(error_of(sealed(data)), HasSubstr("layers.0.attention.wq: scales"));
  }
  std::string data = whole_;
  data.replace(tables + 8, 2, std::string("\x00\x7c", 2));
  EXPECT_THAT(error_of(sealed(data)),
              HasSubstr("expected a finite scale in layers.0.attention.wq, found inf"));
}

TEST_F(AdapterFile, AnotherBaseIsRefusedWithTheFile) {
  models::QuantizedModel other = base_;
  other.layers[0].wo.plane_words[0] ^= 1;
  EXPECT_THAT(test::input_error([&] { apply_adapter("task.adapter", adapter_, other); }),
              HasSubstr("task.adapter: error: adapter 'double' belongs to another base"));
}

TEST_F(AdapterFile, IsNoModel) {
  const std::string error = test::input_error([&] { load_checkpoint(folder_ / "task.adapter"); });
  EXPECT_THAT(error, HasSubstr("is an adapter, expected a model"));
  EXPECT_THAT(error, HasSubstr("--adapter"));
}

TEST_F(AdapterFile, APlaceThatCannotBeWrittenIsAnError) {
  EXPECT_THAT(test::input_error([&] { save_adapter(folder_ / "no" / "such", adapter_); }),
              HasSubstr("cannot write"));
}

}  // namespace
}  // namespace lutsim::workloads
