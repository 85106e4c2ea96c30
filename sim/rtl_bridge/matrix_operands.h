// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/engine/segments.h"
#include "models/spec/matrix_spec.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/rtl_bridge/matrix_pins.h"

namespace lutsim::rtl {

/// The beats that a sequence of commands takes on every channel, each channel numbered from 0 in
/// the order in which the unit takes them.
class MatrixOperands {
 public:
  virtual ~MatrixOperands() = default;

  struct Counts {
    std::size_t commands = 0, activations = 0, columns = 0, keys = 0, scales = 0, outputs = 0;
  };
  virtual Counts counts() const = 0;

  /// Fill a beat in the layout of MatrixPins::Offer.
  virtual void command(std::size_t index, MatrixCommand& command) const = 0;
  virtual void activations(std::size_t index, std::uint32_t* lanes) const = 0;
  virtual void column(std::size_t index, MatrixColumn& column) const = 0;
  virtual void keys(std::size_t index, std::uint32_t* words) const = 0;
  virtual void scales(std::size_t index, std::uint32_t* lanes) const = 0;
};

/// Operands of one tile, packed from its tensors when they are asked for.
class TileOperands : public MatrixOperands {
 public:
  /// Throws spec::SpecError as sim::validate(), and if integer weights are not uniform.
  TileOperands(const spec::MatrixSpec& spec, const sim::MatrixTile& tile);

  Counts counts() const override;
  void command(std::size_t index, MatrixCommand& command) const override;
  void activations(std::size_t index, std::uint32_t* lanes) const override;
  void column(std::size_t index, MatrixColumn& column) const override;
  void keys(std::size_t index, std::uint32_t* words) const override;
  void scales(std::size_t index, std::uint32_t* lanes) const override;

 private:
  /// Where beat `index` of a channel with `passes` passes a segment belongs.
  struct Place {
    const models::KSegment* segment;
    std::uint32_t pass;
    std::uint32_t beat;
  };
  struct ColumnPlace {
    std::uint32_t segment;
    std::uint32_t pass;
    std::uint32_t column;
    bool last;
  };
  Place place(std::size_t index, std::uint32_t passes, std::uint32_t beats) const;
  /// Features of key and scale beat `beat`: [begin, end).
  std::pair<std::uint32_t, std::uint32_t> features(std::uint32_t beat) const;

  spec::MatrixSpec spec_;
  sim::MatrixTile tile_;
  std::vector<models::KSegment> segments_;
  std::vector<ColumnPlace> columns_;  ///< empty in the LUT-broadcast dataflow
  std::uint32_t beats_;               ///< output beats of a pass
  std::uint32_t passes_;              ///< over the planes and the offset
  std::uint32_t weight_passes_;       ///< of these, with planes
  std::uint32_t weight_beats_;        ///< key or scale beats of a pass
};

/// Operands of several tiles back to back.
class SequenceOperands : public MatrixOperands {
 public:
  SequenceOperands(const spec::MatrixSpec& spec, const std::vector<sim::MatrixTile>& tiles);

  Counts counts() const override;
  void command(std::size_t index, MatrixCommand& command) const override;
  void activations(std::size_t index, std::uint32_t* lanes) const override;
  void column(std::size_t index, MatrixColumn& column) const override;
  void keys(std::size_t index, std::uint32_t* words) const override;
  void scales(std::size_t index, std::uint32_t* lanes) const override;

 private:
  /// The tile that beat `index` of a channel belongs to; `index` becomes the beat of that tile.
  const TileOperands& find(std::size_t Counts::*channel, std::size_t& index) const;

  std::vector<TileOperands> tiles_;
};

}  // namespace lutsim::rtl
