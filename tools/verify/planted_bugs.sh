#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# planted_bugs.sh [--build DIR] [NAME...]: can the tests of the RTL fail?
#
# Plants one bug after another in a copy of rtl/, builds rtl_test with the configuration `odd` of
# that copy, and expects a named test to fail that passes without the bug. All bugs, or those named;
# about half a minute each on one core. Exit status: 0 every bug was caught, 1 one was not, 2 usage.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/planted_bugs
wanted=" "
while [ $# -gt 0 ]; do
  case $1 in
    --build)
      build=${2:?--build needs a folder}
      shift 2
      ;;
    -*)
      echo "usage: $0 [--build DIR] [NAME...]" >&2
      exit 2
      ;;
    *)
      wanted+="$1 "
      shift
      ;;
  esac
done
rtl=$build/rtl_copy
log=$build/planted_bugs.log
planted=0
survivors=0

# Copies only what differs: an unchanged file keeps its time and is not verilated again.
copy_rtl() {
  local part file
  for part in gen lint arithmetic matrix vector decoder; do
    mkdir -p "$rtl/$part"
    for file in "$root/rtl/$part"/*; do
      cmp -s "$file" "$rtl/$part/${file##*/}" || cp "$file" "$rtl/$part/"
    done
  done
}
build_tests() { cmake --build "$build" --target rtl_test >"$log" 2>&1; }
run_test() {
  local pattern
  pattern=$(printf '%s' "$1" | sed 's/[.*^$[]/\\&/g')
  ctest --test-dir "$build" -R "^$pattern( |\$)" --no-tests=error >"$log" 2>&1
}

# plant NAME BLOCK FROM TO TEST: in BLOCK.sv of a folder of rtl/, the first FROM becomes TO.
plant() {
  local name=$1 file test=$5 verdict
  [ "$wanted" = " " ] || [[ $wanted == *" $name "* ]] || return 0
  file=$(cd "$root/rtl" && echo */"$2.sv")
  planted=$((planted + 1))
  if ! run_test "$test"; then
    verdict="SURVIVED: $test does not pass without the bug"
  else
    FROM=$3 TO=$4 perl -0pi -e 's/\Q$ENV{FROM}\E/$ENV{TO}/' "$rtl/$file"
    if cmp -s "$root/rtl/$file" "$rtl/$file"; then
      verdict="SURVIVED: nothing to replace in $file"
    elif ! build_tests; then
      verdict="SURVIVED: does not build ($(grep -m 1 -E '%(Warning|Error)|error:' "$log"))"
    elif run_test "$test"; then
      verdict="SURVIVED $test"
    else
      verdict="caught by $test"
    fi
    copy_rtl
    build_tests || verdict="SURVIVED: the RTL without the bug does not build any more"
  fi
  echo "$name ($2): $verdict"
  [[ $verdict == caught* ]] || survivors=$((survivors + 1))
}

mkdir -p "$build" || exit 1
copy_rtl
if ! { cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLUTSIM_RTL_DIR="$rtl" \
  -DLUTSIM_RTL_ONLY=odd >"$log" 2>&1 && build_tests; }; then
  tail -n 20 "$log"
  echo "the RTL without a bug does not build"
  exit 1
fi

unit=rtl.Dataflows/MatrixUnit
random=rtl.Blocks/RandomVectors.EveryBitEqualsTheGoldenModel

# The floating-point blocks.
plant scale_tie fp_rounder \
  'shifted[1] && (shifted[2] ||' 'shifted[1] && (!shifted[2] ||' \
  rtl.Formats/EveryFormat.TheMultiplierMultipliesEveryPairOfCorners/fp32
plant shift_too_short fp_rounder \
  'MaxShift  = ManBits + 2' 'MaxShift  = ManBits + 1' \
  rtl.Formats/EveryFormat.TheMultiplierMultipliesEveryPairOfCorners/bf16
plant sticky_lost fp_adder \
  'shifted[0] | lost}' 'shifted[0] & lost}' \
  $random/fp_adder_seed1
plant sign_of_zero fp_adder \
  "(total == '0 && subtract)" "(total == '0)" \
  rtl.Formats/EveryFormat.TheAdderAddsEveryPairOfCorners/fp16
plant sticky_parity fp_multiplier \
  '|extended[ProductBits:0]' '^extended[ProductBits:0]' \
  $random/fp_multiplier_seed1
plant subnormal_exponent fp_unpacker \
  "exponent_field[0] || exponent_field == '0" 'exponent_field[0]' \
  rtl.FpMultiplier.ProductsOfFp16AreExactInFp32
plant overflow_wraps fp_converter \
  'MayOverflow  = InBias > OutBias' "MayOverflow  = 1'b0" \
  rtl.FpConverter.ConvertsEveryValueOfTheShortFormats
# The LUT generator.
plant generator_sign lut_generator \
  'high_sum[key] = negative[Mu-1];' 'high_sum[key] = positive[Mu-1];' \
  rtl.LutGenerator.EveryEntryOfExtremeActivationsIsExact
plant generator_low_key lut_generator \
  'positive[0] : negative[0]' 'negative[0] : positive[0]' \
  $random/lut_generator_seed1
# The readers.
plant rac_sign lut_pe \
  'negate ? -entry : entry' 'negate ? entry : -entry' \
  rtl.Seeds/RandomTilesOf.GiveTheBitsAndCyclesOfTheGoldenModel/odd_0
plant rac_complement lut_pe \
  ' ^ {(Mu-1){negate}}' '' \
  $random/lut_pe_seed1
plant offset_keys lut_pe \
  "ones_i ? '1" "ones_i ? '0" \
  $unit.EveryNumberOfPlanesWithAndWithoutOffset/odd_lut_broadcast
# The pre-aligner and the sums.
plant aligner_rounds pre_aligner \
  "{1'b0, shifted[Wide-1-:MagnitudeBits]};" \
  "{1'b0, shifted[Wide-1-:MagnitudeBits]} | AlignBits'(|significand);" \
  rtl.PreAligner.DropsTheBitsThatAreShiftedOutOfBothSigns
plant entry_unsigned lut_row \
  '$signed(value[' '$unsigned(value[' \
  $unit.SumsOfTheGreatestMagnitudeFit/odd_weight_stationary
# The scale path.
plant scale_not_kept scale_lane \
  'if (load_scale_i) begin' 'if (convert_i) begin' \
  $unit.EveryHandshakeAloneMayBeTheBottleneck/odd_weight_stationary
plant integer_truncated int_to_fp32 \
  "25'(round_up)" "25'(round_up && extended[0])" \
  rtl.IntToFp32.TiesOfTheIntegerGoToTheEvenNeighbour
# The sequencer and the pipeline.
plant stale_exponent matrix_unit \
  'exponent4_q <= exponent3_q;' \
  'exponent4_q <= load_lut3 ? exponent2_q : exponent3_q;' \
  $unit.CommandsFollowEachOtherWithoutABubble/odd_lut_broadcast
plant lost_output matrix_unit \
  'free7 = !out_valid_o || out_ready_i' 'free7 = !out_valid_o || out_ready_i || valid6_q' \
  $unit.EveryHandshakeAloneMayBeTheBottleneck/odd_weight_stationary
plant bubble matrix_unit \
  'cmd_ready_o = !active_q || (step && command_ends)' \
  'cmd_ready_o = !active_q || (step && command_ends && !last_q)' \
  $unit.CommandsFollowEachOtherWithoutABubble/odd_weight_stationary
plant psum_cleared matrix_unit \
  'first_q && pass_q' '(first_q || last_q) && pass_q' \
  $unit.ATileThatKeepsItsPartialSumsTakesTheSameCycles/odd_weight_stationary

# The weight decoder.
decoder=rtl.Codes/XorDecoder
plant xor_tap xor_network \
  '*StageTaps+:NIn]' '*StageTaps+1+:NIn]' \
  $decoder.EveryTapOfEveryStageIsWhereTheMatrixHasIt/8_16_0
plant missing_shift xor_shift_register \
  "last_i ? '0 : tap_o[NIn*NStages-1:0]" "last_i ? '0 : history_q" \
  $decoder.EveryTapOfEveryStageIsWhereTheMatrixHasIt/8_80_2
plant history_kept xor_shift_register \
  "last_i ? '0 : tap_o[" "last_i && !move_i ? '0 : tap_o[" \
  $decoder.AStreamStartsWithAnEmptyShiftRegisterAndAtItsFirstBit/5_13_2
plant patch_off_by_one xor_decoder \
  '<< cursor_q' "<< (cursor_q + CursorBits'(1))" \
  $decoder.EveryUnprunedBitOfARandomStreamComesOut/8_40_1
plant cursor_stays xor_decoder \
  "cursor_moved = cursor_q + CursorBits'(1)" 'cursor_moved = cursor_q' \
  $decoder.NothingIsLostWhenEverySideIsSlow/8_80_2
plant skip_flips xor_decoder \
  "patch_i != '1" "patch_i != '0" \
  $decoder.EveryUnprunedBitOfALayerOfARealModelComesOut/8_40_1
plant cursor_not_restarted xor_decoder \
  "last_q ? '0 : cursor_q" 'cursor_q' \
  $decoder.AStreamStartsWithAnEmptyShiftRegisterAndAtItsFirstBit/8_16_0
plant patch_skipped xor_decoder \
  'valid_q && !in_block' "valid_q && (!in_block || cursor_q == CursorBits'(NOut - 1))" \
  $decoder.ABlockTakesOneCycleAndOneMoreForEachPatch/8_40_1
plant decoder_bubble xor_decoder \
  '!valid_q || leave' '!valid_q' \
  $decoder.ABlockTakesOneCycleAndOneMoreForEachPatch/8_80_2
plant token_late xor_decoder \
  '!armed_q || flip ||' '!armed_q ||' \
  $decoder.ABlockTakesOneCycleAndOneMoreForEachPatch/5_13_2
plant cursor_not_reset xor_decoder \
  "cursor_q <= '0;" 'cursor_q <= cursor_q;' \
  rtl.Seeds/XorDecoderSeeds.EveryBitAndCycleEqualsTheGoldenModelAndEveryBinIsHit/0

vector=rtl.Blocks/VectorBlock.HasTheBitsAndCyclesOfTheModelsAndMeetsEveryBin
# The function unit.
plant function_constant function_unit \
  "33'h1_7154_7653" "33'h1_7154_7651" \
  rtl.FunctionUnit.EverySegmentAtBothEndsAndInTheMiddle
plant function_symmetry function_unit \
  'symmetric && !negative' 'symmetric && negative' \
  $vector/function_unit_seed1
plant function_double_rounding function_unit \
  '{normalized[28:4], |normalized[3:0]}' '{normalized[28:4], &normalized[3:0]}' \
  $vector/function_unit_seed1
plant function_stall function_unit \
  'advance     = !out_valid_o || out_ready_i' "advance     = 1'b1" \
  $vector/function_unit_seed1
# Long sums and extremes.
plant sum_one_row lane_sum \
  "add_row_q + RowBits'(1)" 'add_row_q' \
  rtl.SoftmaxSequencer.SumsInTheOrderOfTheSixtyFourPartialSums
plant sum_tree lane_sum \
  'half_q     <= level_ends ? half_q >> 1 : half_q;' \
  "half_q     <= level_ends ? ((half_q == 6'd32) ? 6'd8 : half_q >> 1) : half_q;" \
  $vector/softmax_seed1
plant extreme_sign fp_extreme \
  'default: greater = a[30:0] < b[30:0];' 'default: greater = a[30:0] > b[30:0];' \
  $vector/softmax_seed1
# The sequencers.
plant softmax_tail softmax_sequencer \
  'write_beat_q != last_beat_q || tail_q[l]' 'write_beat_q != last_beat_q || tail_q[0]' \
  $vector/softmax_seed1
plant softmax_bubble softmax_sequencer \
  '(!word_ready_q || move_word)' '!word_ready_q' \
  rtl.SoftmaxSequencer.EveryLengthTakesTheCyclesOfTheModel
plant softmax_lost_beat softmax_sequencer \
  'free_out    = !out_valid_o || out_ready_i' "free_out    = 1'b1" \
  $vector/softmax_seed1
plant norm_bias norm_sequencer \
  ': layer_norm_q ? biased' ": 1'b1 ? biased" \
  rtl.NormSequencer.RmsNormKeepsTheSignOfAZero
plant norm_not_centered norm_sequencer \
  'square_operand = centering ? centered_word_q : load_word' \
  'square_operand = centering ? word : load_word' \
  $vector/norm_seed1
plant norm_weight_late norm_sequencer \
  'free_weighted && weight_valid_i' 'free_weighted' \
  $vector/norm_seed1
# The KV quantizer.
plant kv_tie fp_to_code \
  'fixed[23] && (fixed[24] ||' "fixed[23] && (1'b1 ||" \
  $vector/kv_quantizer_seed1
plant kv_limit fp_to_code \
  "rounded > 9'(limit_i)" "rounded > 9'd255" \
  $vector/kv_quantizer_seed1
plant kv_lost_group kv_quantizer \
  "take && infinite_or_nan != '0" "take && (&infinite_or_nan)" \
  $vector/kv_quantizer_seed1
plant kv_zero_sign kv_quantizer \
  "(low_q[30:0] == '0) ? 32'd0 : low_q" 'low_q' \
  $vector/kv_quantizer_seed1

# `lutsim verify` reports a bug and draws it.
if [ "$wanted" = " " ] || [[ $wanted == *" replay "* ]]; then
  planted=$((planted + 1))
  perl -0pi -e 's/negate \? negated : entry/negate ? entry : negated/' "$rtl/matrix/lut_pe.sv"
  waveform=$build/verify-lut_pe.fst
  rm -f "$waveform"
  if ! cmake --build "$build" --target lutsim lutsim_verify_instrumented >"$log" 2>&1; then
    verdict="SURVIVED: does not build"
  elif "$build/lutsim" verify lut_pe --out "$build" >"$log" 2>&1; then
    verdict="SURVIVED lutsim verify"
  elif ! grep -q "waveform: $waveform" "$log" || [ ! -s "$waveform" ]; then
    verdict="SURVIVED: no waveform"
  else
    verdict="caught and drawn by lutsim verify"
  fi
  copy_rtl
  echo "replay (lut_pe): $verdict"
  [[ $verdict == caught* ]] || survivors=$((survivors + 1))
fi

echo "$planted bugs planted, $survivors survived"
[ "$planted" -gt 0 ] && [ "$survivors" -eq 0 ]
