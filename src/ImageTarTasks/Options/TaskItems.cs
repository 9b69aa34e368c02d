using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ImageTarTasks.Options;

/// <summary>
/// Makes MSBuild items from plain text. Names from archives may contain <c>;</c>, <c>%</c> or <c>$(</c>, which must
/// stay literal.
/// </summary>
internal static class TaskItems
{
    private const string LiteralPathMetadata = "ImageTarLiteralPath";

    private static readonly SearchValues<char> SpecialCharacters = SearchValues.Create("%*?@$();'");

    /// <summary>
    /// An item whose specification is <paramref name="text"/> to the letter, with metadata where the value is not null.
    /// </summary>
    public static ITaskItem Create(string text, params ReadOnlySpan<(string Name, string? Value)> metadata)
    {
        // treatAsFilePath would turn backslashes into slashes on Unix.
        var item = new TaskItem(Escape(text), treatAsFilePath: false);
        foreach (var (name, value) in metadata)
        {
            if (value is not null)
            {
                item.SetMetadata(name, Escape(value));
            }
        }

        return item;
    }

    /// <summary>Adds metadata that is a list: its values are escaped, the semicolons between them are not.</summary>
    public static ITaskItem WithList(this ITaskItem item, string name, IEnumerable<string> values)
    {
        item.SetMetadata(name, string.Join(';', values.Select(Escape)));
        return item;
    }

    /// <summary>A number as metadata.</summary>
    public static string FormatNumber(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// A file or folder named on a command line: MSBuild's own full path takes every backslash for a separator, on Unix
    /// too, where it is a letter.
    /// </summary>
    public static ITaskItem FromPath(string path) => Create(path, (LiteralPathMetadata, Path.GetFullPath(path)));

    /// <summary>
    /// The absolute path of an item that is a file or a folder: relative to the project in a build, to the current
    /// directory in the tool.
    /// </summary>
    public static string GetFullPath(ITaskItem item) =>
        item.GetMetadata(LiteralPathMetadata) is { Length: > 0 } literal ? literal : item.GetMetadata("FullPath");

    private static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(SpecialCharacters))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (SpecialCharacters.Contains(character))
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{(int)character:x2}");
            }
            else
            {
                escaped.Append(character);
            }
        }

        return escaped.ToString();
    }
}
