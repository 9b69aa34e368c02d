using System.Text;

namespace ImageTarTasks.Verbs;

/// <summary>Names of properties as names of options: <c>MaxUnpacked</c> is <c>--max-unpacked</c>.</summary>
internal static class KebabCase
{
    /// <summary>The long option named like a property.</summary>
    public static string ToLongOption(string property)
    {
        var name = new StringBuilder("-");
        foreach (var letter in property)
        {
            if (char.IsAsciiLetterUpper(letter))
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
