/** Half the side of the window on the plane. */
export const bound = 3;
