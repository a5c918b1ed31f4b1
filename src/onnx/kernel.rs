//! The attributes of one-dimensional convolutions.

use super::proto::NodeProto;

/// Size, stride, dilation and padding of a one-dimensional convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kernel {
    pub(super) size: i64,
    pub(super) stride: i64,
    pub(super) dilation: i64,
    /// Before and after. A transposed convolution drops as many outputs.
    pub(super) pads: [i64; 2],
}

impl Kernel {
    /// `None` if the convolution has more dimensions or its numbers make no
    /// sense.
    pub(super) fn read(node: &NodeProto) -> Option<Self> {
        let one = |name, default| match *node.ints(name) {
            [] => Some(default),
            [number] if (1..=i64::from(u16::MAX)).contains(&number) => Some(number),
            _ => None,
        };
        let size = one("kernel_shape", 0).filter(|&size| size > 0)?;
        let pads = match *node.ints("pads") {
            [] => [0, 0],
            [before, after] if before >= 0 && after >= 0 => [before, after],
            _ => return None,
        };
        let auto = node.attribute("auto_pad").and_then(|pad| pad.s.as_deref());
        if auto.is_some_and(|auto| auto != b"NOTSET") {
            return None;
        }
        Some(Self {
            size,
            stride: one("strides", 1)?,
            dilation: one("dilations", 1)?,
            pads,
        })
    }

    /// Whether a convolution has one output per input.
    pub(super) fn keeps_length(self) -> bool {
        let reach = (self.size - 1) * self.dilation;
        self.stride == 1 && self.pads[0].checked_add(self.pads[1]) == Some(reach)
    }

    /// Whether the transposed convolution `node` has exactly `stride` outputs
    /// per input.
    pub(super) fn multiplies_length(self, node: &NodeProto) -> bool {
        let pads = self.pads[0].checked_add(self.pads[1]);
        self.dilation == 1
            && pads.and_then(|pads| self.size.checked_sub(pads)) == Some(self.stride)
            && node.ints("output_padding").iter().all(|&extra| extra == 0)
            && node.attribute("output_shape").is_none()
    }
}
