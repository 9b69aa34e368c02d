using System.Text;

namespace ImageTarTasks.Presentation;

/// <summary>
/// Lines whose cells end in tabs, aligned as Docker's tab writer does: each cell but the last of a line is as wide as
/// the widest of its column and three spaces, at least ten. A line without a column ends that column; the next lines
/// start it anew.
/// </summary>
internal static class TextTable
{
    private const int MinCellWidth = 10;
    private const int Padding = 3;

    /// <summary>The aligned lines.</summary>
    public static IReadOnlyList<string> Align(IReadOnlyList<string> lines)
    {
        var cells = lines.Select(line => line.Split('\t')).ToArray();
        var aligned = lines.Select(_ => new StringBuilder()).ToArray();
        var columns = cells.Length == 0 ? 0 : cells.Max(line => line.Length);
        for (var column = 0; column < columns; column++)
        {
            for (var first = 0; first < cells.Length; )
            {
                var end = first;
                var width = MinCellWidth;
                while (end < cells.Length && cells[end].Length > column + 1)
                {
                    width = Math.Max(width, DisplayWidth.Measure(cells[end][column]) + Padding);
                    end++;
                }

                for (var line = first; line < end; line++)
                {
                    var cell = cells[line][column];
                    aligned[line].Append(cell).Append(' ', width - DisplayWidth.Measure(cell));
                }

                if (end < cells.Length && cells[end].Length == column + 1)
                {
                    aligned[end].Append(cells[end][column]);
                }

                first = end + 1;
            }
        }

        return aligned.Select(line => line.ToString()).ToArray();
    }
}
